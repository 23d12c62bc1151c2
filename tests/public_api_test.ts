import { assert, assertEquals } from "@std/assert";
import { isRecord } from "../core/files/json.ts";

/** What `value`, a list or an object, holds; nothing where it is neither. */
function childrenOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return isRecord(value) ? Object.values(value) : [];
}

/** Whether `declaration` is what runs behind overloads, which nobody can call as such. */
function isHidden(
  declaration: Record<string, unknown>,
  overloads: unknown[],
): boolean {
  return overloads.length > 1 && isRecord(declaration.def) &&
    declaration.def.hasBody === true;
}

/** Every function and class that mod.ts exports, with its examples. */
async function listCallables(): Promise<
  { name: string; examples: string[] }[]
> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", "mod.ts"],
    cwd: new URL("../", import.meta.url),
  }).output();
  const { nodes }: Record<string, unknown> = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  const symbols = childrenOf(nodes).flatMap((module) =>
    isRecord(module) ? childrenOf(module.symbols) : []
  );
  return symbols.flatMap((symbol) => {
    if (!isRecord(symbol)) return [];
    const declarations = childrenOf(symbol.declarations);
    return declarations.flatMap((declaration) => {
      if (!isRecord(declaration)) return [];
      if (isHidden(declaration, declarations)) return [];
      const { kind, jsDoc } = declaration;
      if (kind !== "function" && kind !== "class") return [];
      const tags = isRecord(jsDoc) ? childrenOf(jsDoc.tags) : [];
      const examples = tags.flatMap((tag) =>
        isRecord(tag) && tag.kind === "example" ? [String(tag.doc)] : []
      );
      return [{ name: String(symbol.name), examples }];
    });
  });
}

const callables = await listCallables();

Deno.test("deno doc finds the functions of mod.ts", () => {
  const names = callables.map(({ name }) => name);
  for (const name of ["loadMnist", "sweep", "trainCompact", "Xoshiro128"]) {
    assert(names.includes(name), `${name} is missing`);
  }
});

/** Whether the last statement of an example's code is an assertion. */
function endsInAssertion(example: string): boolean {
  const [, code = ""] = example.match(/```ts\n([^]*?)```/) ?? [];
  const last = code.split("\n").findLast((line) => /^[^\s)\]}]/.test(line));
  return /^(await )?assert\w*\(/.test(last ?? "");
}

Deno.test("every function that mod.ts exports has an example that ends in an assertion", () => {
  const without = callables.filter(({ examples }) =>
    examples.length === 0 || !examples.every(endsInAssertion)
  );
  assertEquals(without.map(({ name }) => name), []);
});
