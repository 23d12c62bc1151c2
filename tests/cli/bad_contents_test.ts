import { assert, assertEquals, assertMatch } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { encodePng } from "../../core/data/formats/pictures/encode_png.ts";
import type { Outcome } from "./capture.ts";
import { copyFolder } from "./model_folder.ts";
import { freshExperiment, runIn, tinyExperiment } from "./tiny_experiment.ts";

const experiment = await tinyExperiment();
const DEEP = "[".repeat(100_000) + "]".repeat(100_000);

/** What may lie in a folder in place of a file that belongs there. */
const SPOILS: [
  what: string,
  spoil: (path: string) => void | Promise<unknown>,
][] = [
  ["nothing", () => {}],
  ["a folder", (path) => Deno.mkdir(path)],
  [
    "a pipe",
    (path) => new Deno.Command("mkfifo", { args: [path] }).output(),
  ],
  ["a device", (path) => Deno.symlink("/dev/zero", path)],
  ["a circle of links", (path) => Deno.symlink(path, path)],
  ["an empty file", (path) => Deno.writeTextFile(path, "")],
  ["noise", (path) => Deno.writeFile(path, Uint8Array.of(0, 255, 27, 200))],
  ["deep JSON", (path) => Deno.writeTextFile(path, DEEP)],
  ["JSON of another kind", (path) => Deno.writeTextFile(path, "[1, null]")],
  ["a file of 32 GB", async (path) => {
    await Deno.writeFile(path, new Uint8Array());
    await Deno.truncate(path, 2 ** 35);
  }],
];

/** Asserts one clean line that names the file, and nothing else. */
function assertNamed({ code, stdout, stderr }: Outcome, name: string): void {
  const lines = stderr.split("\n").filter((line) => line !== "wasm: asked for");
  assertEquals([code, stdout, lines.length], [1, "", 2], stderr);
  assertMatch(lines[0], /^retort: Cannot /);
  assert(!/Unexpected|[\p{Cc}\p{Cf}]/u.test(lines[0]), stderr);
  assert(lines[0].includes(name), stderr);
}

/** Files that a command looks for in a folder, and what reads them. */
const FILES: [
  folder: string,
  file: string,
  line: (folder: string) => string[],
][] = [
  ["teacher", "model.json", (folder) => ["evaluate", folder]],
  ["teacher", "weights.bin", (folder) => ["evaluate", folder]],
  [
    "digits",
    "train-images-idx3-ubyte",
    (folder) => ["evaluate", "teacher", "--data", folder],
  ],
  [
    "digits",
    "t10k-labels-idx1-ubyte",
    (folder) => ["evaluate", "teacher", "--data", folder],
  ],
  ["studies/default", "study.db", () => ["report"]],
  ["studies/default", "study.db", () => ["frontier"]],
  [
    "studies/default",
    "search.db",
    () => ["report", "--bytes", "--study", "default"],
  ],
];

for (const [folder, file, line] of FILES) {
  const [command, ...rest] = line("FOLDER");
  Deno.test({
    name: `${command} ${rest.join(" ")} names ${file} that can't be used`,
    ignore: Deno.build.os === "windows",
    async fn() {
      const base = await freshExperiment();
      for (const [what, spoil] of SPOILS) {
        const copy = `${base}/${folder}`;
        await Deno.remove(copy, { recursive: true }).catch(() => {});
        await Deno.mkdir(copy, { recursive: true });
        await copyFolder(`${experiment}/${folder}`, copy);
        await Deno.remove(`${copy}/${file}`).catch(() => {});
        await spoil(`${copy}/${file}`);
        const outcome = await runIn(base, line(folder));
        try {
          // Too few weights are told of the file that declares them.
          assertNamed(outcome, file.replace(".bin", ""));
        } catch (cause) {
          throw new Error(`With ${what}`, { cause });
        }
      }
      await Deno.remove(base, { recursive: true });
    },
  });
}

/** Kinds of spoils that are files: in a folder, anything else isn't taken for data. */
const FILE_SPOILS = SPOILS.filter(([what]) => /file|JSON|noise/.test(what));

const PICTURE = encodePng({
  shape: [3, 3, 1],
  pixels: Uint8Array.from({ length: 9 }, (_, i) => 20 * i),
});
const WORDS = new TextEncoder().encode("plane\ncar\n");

/** Data in its forms: the file that is spoilt, whole files beside it, what is read, and the spoils. */
const DATA: [
  file: string,
  beside: Record<string, Uint8Array>,
  path: string,
  spoils: typeof SPOILS,
][] = [
  ["a.npz", {}, "a.npz", SPOILS],
  ["a.csv", {}, "a.csv", SPOILS],
  ["a.parquet", {}, "a.parquet", SPOILS],
  ["mine/train.csv", {}, "mine", FILE_SPOILS],
  ["mine/test.parquet", {}, "mine", FILE_SPOILS],
  [
    "mine/data_batch_1.bin",
    { "mine/test_batch.bin": new Uint8Array(3073) },
    "mine",
    FILE_SPOILS,
  ],
  [
    "mine/batches.meta.txt",
    { "mine/test_batch.bin": new Uint8Array(3073).fill(1) },
    "mine",
    FILE_SPOILS.filter(([what]) => /empty|GB/.test(what)),
  ],
  [
    "mine/train/cat/1.png",
    { "mine/train/dog/1.png": PICTURE, "mine/train/cat/2.png": PICTURE },
    "mine",
    FILE_SPOILS,
  ],
  [
    "mine/cat/1.jpg",
    { "mine/dog/1.png": PICTURE, "mine/cat/2.png": PICTURE },
    "mine",
    FILE_SPOILS,
  ],
  [
    "names.txt",
    { "mine/dog/1.png": PICTURE, "mine/cat/2.png": PICTURE },
    "mine --classes names.txt",
    SPOILS.filter(([what]) => !/circle/.test(what)),
  ],
];
for (const [file, beside, path, spoils] of DATA) {
  Deno.test({
    name: `data ${path} names ${file} that can't be used`,
    ignore: Deno.build.os === "windows",
    async fn() {
      for (const [what, spoil] of spoils) {
        const base = await Deno.makeTempDir();
        const put = async (name: string, content: Uint8Array) => {
          const at = `${base}/${name}`;
          await Deno.mkdir(at.slice(0, at.lastIndexOf("/")), {
            recursive: true,
          });
          await Deno.writeFile(at, content);
        };
        for (const [name, content] of Object.entries(beside)) {
          await put(name, content);
        }
        await put(file, WORDS);
        await Deno.remove(`${base}/${file}`);
        await spoil(`${base}/${file}`);
        const outcome = await runIn(base, ["data", ...path.split(" ")]);
        try {
          // Names that lack a class are told by that, not by their file.
          const named = file === "names.txt" ? "name" : file.split("/").at(-1);
          assertNamed(outcome, named ?? file);
        } catch (cause) {
          throw new Error(`With ${what}`, { cause });
        }
        await Deno.remove(base, { recursive: true });
      }
    },
  });
}

/** Entries of a study's file that are not what a sweep writes. */
const ENTRIES: [what: string, sql: string][] = [
  ...["[", "7", "null", "{}", DEEP, '{"study":7}'].flatMap((value) =>
    ["context", "setting"].map((key): [string, string] => [
      `${key} ${value.slice(0, 20)}`,
      `UPDATE setting SET value = '${value}' WHERE key = '${key}'`,
    ])
  ),
  [
    "labels that are no base64",
    `UPDATE setting SET value = json_set(value, '$.testLabels', '***') WHERE key = 'context'`,
  ],
  [
    "a teacher without accuracy",
    `UPDATE setting SET value = json_remove(value, '$.teacher.accuracy') WHERE key = 'context'`,
  ],
  ...["", "7", "[", DEEP, '{"kind":"\u001b[2J"}'].map((
    loss,
  ): [string, string] => [
    `loss ${loss.slice(0, 20)}`,
    `UPDATE trial SET loss = '${loss}' WHERE id = 1`,
  ]),
];
for (const [what, sql] of ENTRIES) {
  Deno.test(`frontier names a study that has ${JSON.stringify(what)}`, async () => {
    const base = await freshExperiment();
    await Deno.mkdir(`${base}/studies/default`, { recursive: true });
    await copyFolder(
      `${experiment}/studies/default`,
      `${base}/studies/default`,
    );
    {
      using database = new DatabaseSync(`${base}/studies/default/study.db`);
      database.exec(sql);
    }
    // Of a setting only what makes a student of it is read.
    const args = ["frontier", "--accuracy", "0.3", "--teacher", "teacher"];
    const outcome = await runIn(base, [
      ...[...args, "--backend", "wasm", "--export", "x"],
    ]);
    assertNamed(outcome, "stud");
    await Deno.remove(base, { recursive: true });
  });
}
