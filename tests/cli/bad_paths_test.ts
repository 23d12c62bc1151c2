import { assert, assertEquals, assertMatch } from "@std/assert";
import { COMMANDS } from "../../cli/commands.ts";
import { smallDram } from "../core/infer/small_model.ts";
import type { Outcome } from "./capture.ts";
import { runIn, tinyExperiment } from "./tiny_experiment.ts";

const experiment = await tinyExperiment();
const bad = await Deno.makeTempDir();
const small = `${bad}/small.dram`;

/** Nesting that JSON.parse stands, and what walks through it doesn't. */
const DEEP = "[".repeat(100_000) + "]".repeat(100_000);
/** Bytes of a file of which the disk holds none. */
const SPARSE = 2 ** 35;
const HOSTILE = "a\u001b]8;;x:y\u0007\u202e\u009b2J\nretort: done";

await Deno.writeFile(small, smallDram());
await Deno.mkdir(`${bad}/folder`);
await Deno.writeFile(`${bad}/empty`, new Uint8Array());
await Deno.writeFile(
  `${bad}/noise`,
  Uint8Array.from({ length: 5000 }, (_, i) => i * i * 7919 >> 5),
);
await Deno.writeTextFile(`${bad}/deep.json`, DEEP);
await Deno.writeTextFile(`${bad}/list.json`, "[1, null, {}]");
await Deno.writeTextFile(`${bad}/${HOSTILE}`, "none of ours");
await Deno.writeFile(`${bad}/sparse`, new Uint8Array());
await Deno.truncate(`${bad}/sparse`, SPARSE);
await Deno.symlink("loop", `${bad}/loop`);
// By a link: whoever writes to a device itself, as root, replaces that.
await Deno.symlink("/dev/zero", `${bad}/device`);
await new Deno.Command("mkfifo", { args: [`${bad}/pipe`] }).output();

/** What is brought where a file or a folder is read. */
const READ = [
  ...["none", "folder", "pipe", "loop", "loop/in", "empty", "empty/in"],
  ...["noise", "deep.json", "list.json", "sparse", "device", HOSTILE],
].map((name) => `${bad}/${name}`);

/** What is no place for a file, and what is none for a folder. */
const NO_FILE = [`${bad}/folder`, `${bad}/pipe`, `${bad}/device`];
const NO_FOLDER = [`${bad}/noise`, `${bad}/pipe`, `${bad}/device`];

const TINY = ["--data", "digits", "--teacher", "teacher"];
const WASM = ["--backend", "wasm"];
type Line = (path: string) => string[];

/** Every option and argument of every command that is a path. */
const OPTIONS: Record<string, [flag: string, paths: string[], line: Line][]> = {
  sweep: [
    ["--data", READ, (path) => ["--teacher", "teacher", "--data", path]],
    ["--teacher", READ, (path) => ["--data", "digits", "--teacher", path]],
  ],
  frontier: [
    ["--export", NO_FILE.slice(1), (path) => ["--export", path, ...WASM]],
    [
      "--hypervolume",
      NO_FILE,
      (path) => ["--bytes", "--hypervolume", path],
    ],
    [
      "--teacher",
      READ,
      (path) => ["--accuracy", "0.5", "--export", "x", "--teacher", path],
    ],
  ],
  report: [["--out", NO_FOLDER, (path) => ["--out", path]]],
  train: [
    ["--data", READ, (path) => ["--data", path, ...WASM]],
    ["--out", NO_FOLDER, (path) => ["--data", "digits", "--out", path]],
  ],
  distill: [
    ["--data", READ, (path) => ["--teacher", "teacher", "--data", path]],
    ["--teacher", READ, (path) => ["--data", "digits", "--teacher", path]],
    ["--out", NO_FOLDER, (path) => [...TINY, "--out", path]],
  ],
  compress: [
    ["FILE", READ, (path) => [path, ...TINY, ...WASM]],
    [
      "--data",
      READ,
      (path) => ["teacher", "--teacher", "teacher", "--data", path],
    ],
    ["--teacher", READ, (path) => [bad, "--teacher", path]],
    ["--recipe", READ, (path) => ["teacher", ...TINY, "--recipe", path]],
    ["--out", NO_FILE, (path) => ["teacher", ...TINY, "--out", path]],
    ["--stages", NO_FOLDER, (path) => ["teacher", ...TINY, "--stages", path]],
  ],
  compact: [
    ["--data", READ, (path) => ["--teacher", "teacher", "--data", path]],
    ["--teacher", READ, (path) => ["--data", "digits", "--teacher", path]],
    ["--recipe", READ, (path) => [...TINY, "--recipe", path]],
    ["--float", NO_FILE, (path) => [...TINY, "--float", path]],
    ["--out", NO_FILE, (path) => [...TINY, "--out", path]],
  ],
  search: [
    ["--data", READ, (path) => ["--teacher", "teacher", "--data", path]],
    ["--teacher", READ, (path) => ["--data", "digits", "--teacher", path]],
  ],
  baselines: [
    ["FILE", READ, (path) => [path, ...WASM]],
    ["--data", READ, (path) => [small, "--data", path]],
    ["--out", NO_FOLDER, (path) => [small, "--out", path]],
  ],
  import: [
    ["FILE", READ, (path) => [path, "--data", "digits", "--out", "x"]],
    ["--data", READ, (path) => ["teacher", "--out", "x", "--data", path]],
    [
      "--out",
      NO_FOLDER,
      (path) => ["teacher", "--data", "digits", ...WASM, "--out", path],
    ],
  ],
  export: [
    ["FILE", READ, (path) => [path, "--to", "c", "--out", "x.h"]],
    [
      "--data",
      READ,
      (path) => [small, "--to", "c", "--out", "x.h", "--data", path],
    ],
    ["--out", NO_FILE, (path) => [small, "--to", "c", "--out", path]],
  ],
  evaluate: [
    ["FILE", READ, (path) => [path, "--data", "digits"]],
    ["--data", READ, (path) => ["teacher", "--data", path]],
    ["--image", READ, (path) => [small, "--image", path]],
  ],
  data: [
    ["--sheet", NO_FILE, (path) => ["digits", "--sheet", path]],
    ["--teacher", READ, (path) => ["digits", "--teacher", path, ...WASM]],
  ],
  dram: [
    ["FILE", READ, (path) => [path]],
    ["--out", NO_FILE, (path) => [small, "--out", path]],
  ],
  site: [
    ["--data", READ, (path) => ["--teacher", "teacher", "--data", path]],
    ["--teacher", READ, (path) => ["--data", "digits", "--teacher", path]],
    ["--out", NO_FOLDER, (path) => [...TINY, "--out", path]],
  ],
  bench: [
    ["--record", NO_FOLDER, (path) => ["--record", path]],
    ["--compare", READ, (path) => ["--compare", path]],
  ],
};

/** What is there, and how it is: all that a refused command leaves as it was. */
function look(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => {
    const { size, mtime, mode } = Deno.lstatSync(`${folder}/${name}`);
    return JSON.stringify([name, size, mtime, mode]);
  }).toSorted();
}

/** Asserts one clean, short line that names `path`, and nothing else. */
function assertRefused({ code, stdout, stderr }: Outcome, path: string): void {
  const lines = stderr.split("\n").filter((line) =>
    line !== "wasm: asked for" && !line.startsWith("no search: ")
  );
  assertEquals([[1, 2].includes(code), stdout, lines.length], [true, "", 2]);
  const [line] = lines;
  assertMatch(line, /^retort: Cannot /);
  assert(!/Unexpected|Cannot read propert|[\p{Cc}\p{Cf}]/u.test(line), line);
  assert(line.length < 1200, line);
  const name = path.split("/").at(-1) ?? "";
  // A usage error may come first: of the data of no teacher, say.
  if (code === 1) assert(line.includes(name.split("\u001b")[0]), line);
}

/** Seconds after which a command that should be refused at once hangs. */
const PATIENCE = 60_000;

for (const [command, options] of Object.entries(OPTIONS)) {
  for (const [flag, paths, line] of options) {
    Deno.test({
      name: `${command} ${flag} refuses by name what can't be used`,
      ignore: Deno.build.os === "windows",
      async fn() {
        const before = [...look(bad), ...look(experiment)];
        for (const path of paths) {
          let timer: ReturnType<typeof setTimeout> | undefined;
          const hangs = new Promise<never>((_, reject) => {
            const error = new Error(`${command} ${flag} ${path} hangs`);
            timer = setTimeout(() => reject(error), PATIENCE);
          });
          const args = [command, ...line(path)];
          const outcome = await Promise.race([runIn(experiment, args), hangs])
            .finally(() => clearTimeout(timer));
          assertRefused(outcome, path);
        }
        assertEquals([...look(bad), ...look(experiment)], before);
      },
    });
  }
}

Deno.test("every path that a command takes is among those tried", async () => {
  for (const [name, { load }] of Object.entries(COMMANDS)) {
    const { help } = (await load()).command;
    const flags = [
      ...help.matchAll(/^ {2}(--[\w-]+) (?:FILE|FOLDER|MODEL|PATH)\b/gm),
    ]
      .map(([, flag]) => flag);
    const file = /^ {2}FILE\b/m.test(help) ? ["FILE"] : [];
    const tried = (OPTIONS[name] ?? []).map(([flag]) => flag);
    assertEquals(tried.toSorted(), [...file, ...flags].toSorted(), name);
  }
});
