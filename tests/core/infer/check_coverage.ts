const root = new URL("../../../", import.meta.url);

/** What a report in lcov's format says. */
export interface Coverage {
  /** Paths of the files that were loaded. */
  files: string[];
  branches: number;
  lines: number;
  /** What was never reached, as in "core/infer/load.ts:12: a branch". */
  missed: string[];
}

/** Reads a report, as `deno coverage --lcov` writes it, of files below `folder`. */
export function readLcov(lcov: string, folder: string): Coverage {
  const coverage: Coverage = { files: [], branches: 0, lines: 0, missed: [] };
  let file = "";
  for (const record of lcov.split("\n")) {
    const [, key, text] = /^(\w+):(.*)$/.exec(record) ?? [];
    const values = text?.split(",") ?? [];
    const miss = (what: string) =>
      coverage.missed.push(`${file}:${values[0]}: ${what}`);
    switch (key) {
      case "SF":
        file = text.replace(folder, "");
        coverage.files.push(file);
        break;
      case "BRDA":
        coverage.branches++;
        if (/^[0-]$/.test(values[3])) miss("a branch");
        break;
      case "DA":
        coverage.lines++;
        if (values[1] === "0") miss("a line");
        break;
      case "FNDA":
        if (values[0] === "0") {
          coverage.missed.push(`${file}: function ${values[1]}`);
        }
    }
  }
  return coverage;
}

/** Paths of the sources below `path`. */
function listSources(path: string): string[] {
  return [...Deno.readDirSync(new URL(path, root))].flatMap(
    ({ name, isDirectory }) =>
      isDirectory
        ? listSources(`${path}${name}/`)
        : name.endsWith(".ts")
        ? [path + name]
        : [],
  );
}

/**
 * Whether the line numbered `line` of `text` is the end of a switch that the compiler
 * knows to be complete: a `default` with `satisfies never`.
 */
export function isImpossible(text: string, line: number): boolean {
  const [at = "", after = ""] = text.split("\n").slice(line - 1);
  return /\bsatisfies never\b/.test(/^\s*default:$/.test(at) ? after : at);
}

/** What is `missed`, but for what the compiler knows to be out of reach. */
async function leavePossible(missed: string[]): Promise<string[]> {
  const left: string[] = [];
  for (const each of missed) {
    const [, path, line] = /^(.*):(\d+): /.exec(each) ?? [];
    const text = path ? await Deno.readTextFile(new URL(path, root)) : "";
    if (!isImpossible(text, Number(line))) left.push(each);
  }
  return left;
}

/** Fails with a list of what the report at `path` says that no test of core/infer reaches. */
async function check(path: string): Promise<void> {
  const { files, branches, lines, missed: all } = readLcov(
    await Deno.readTextFile(path),
    decodeURIComponent(root.pathname),
  );
  const missed = await leavePossible(all);
  let said = 0;
  for (const source of listSources("core/infer/")) {
    const url = new URL(source, root);
    const text = await Deno.readTextFile(url);
    said += text.match(/\/\/ deno-coverage-ignore/g)?.length ?? 0;
    // Files of types alone are never loaded.
    if (files.includes(source)) continue;
    if (Object.keys(await import(url.href)).length > 0) {
      missed.push(`${source}: the whole file`);
    }
  }
  console.log(
    `core/infer: ${branches} branches and ${lines} lines in ${files.length} files; ${missed.length} not reached; ${said} said to be out of reach`,
  );
  if (missed.length === 0) return;
  console.log(missed.join("\n"));
  Deno.exitCode = 1;
}

if (import.meta.main) await check(Deno.args[0]);
