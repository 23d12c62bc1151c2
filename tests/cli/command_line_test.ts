import { assertEquals } from "@std/assert";
import { commandLine } from "../../cli/options/command_line.ts";

const OPTIONS = {
  bits: { kind: "integer", default: 4, help: "" },
  exhaustive: { kind: "boolean", help: "" },
  out: { kind: "string", help: "" },
} as const;

/** What a shell makes of `line`: its words. */
async function wordsOf(line: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", `printf '%s\\0' ${line}`],
  }).output();
  return new TextDecoder().decode(stdout).split("\0").slice(0, -1);
}

Deno.test("what isn't the default is told, a flag of yes or no by its name alone", () => {
  const line = commandLine("search", OPTIONS, {
    ...{ bits: 4, exhaustive: true, out: undefined },
  });
  assertEquals(line, "search --exhaustive");
});

Deno.test("a shell reads every value as it was given", async () => {
  for (const out of ["a b", `"`, "$HOME", "`pwd`", "back\\slash", "it's"]) {
    const line = commandLine("search", OPTIONS, { bits: 3, out });
    assertEquals(await wordsOf(line), ["search", "--bits", "3", "--out", out]);
  }
});
