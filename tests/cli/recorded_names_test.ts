import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { freshExperiment, runIn, tinyExperiment } from "./tiny_experiment.ts";

/** Every file below `folder` that isn't large, with what is in it. */
async function readAll(folder: string): Promise<[string, string][]> {
  const found: [string, string][] = [];
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await readAll(path));
    else if (Deno.statSync(path).isFile) {
      const bytes = await Deno.readFile(path);
      found.push([path, new TextDecoder("latin1").decode(bytes)]);
    }
  }
  return found;
}

const experiment = await tinyExperiment();

/** What a user brings from elsewhere, by whole paths. */
const BROUGHT = [
  ...["--data", `${experiment}/digits`, "--teacher", `${experiment}/teacher`],
  ...["--backend", "wasm"],
];
const QUICK = [
  ...["--epochs", "1", "--batch", "32", "--optimiser", "adam"],
  ...["--learning-rate", "0.005", "--schedule", "constant"],
];

Deno.test("no file that commands write tells how this machine's folders are called", async () => {
  const folder = await freshExperiment();
  const out = `${folder}/made`;
  for (
    const args of [
      [
        ...["train", "--data", `${experiment}/digits`, "--shift", "0"],
        ...[...QUICK, "--backend", "wasm", "--out", `${out}/trained`],
      ],
      ["distill", ...BROUGHT, ...QUICK, "--out", `${out}/student`],
      ["sweep", ...BROUGHT, ...QUICK, "--hidden", "2", "--seeds", "1"],
      [
        ...["frontier", "--accuracy", "0.01", "--backend", "wasm"],
        ...["--teacher", `${experiment}/teacher`, "--export", `${out}/small`],
      ],
      [
        ...["search", ...BROUGHT, "--layers", "pool2,dense8", "--bits", "4"],
        ...["--seeds", "1", "--loss", "logit-mse", "--epochs", "1"],
        ...["--quantised-epochs", "1", "--batch", "32", "--copies", "1"],
        "--exhaustive",
      ],
      ["site", ...BROUGHT, "--search", "compact", "--out", `${out}/site`],
      [
        ...["compact", ...BROUGHT, "--layers", "conv3x4,max2", "--copies", "1"],
        ...["--epochs", "1", "--quantised-epochs", "1", "--batch", "32"],
        ...["--out", `${out}/compact.dram`, "--float", `${out}/float`],
      ],
      [
        ...["compress", `${experiment}/teacher`, ...BROUGHT, "--copies", "1"],
        ...["--rounds", "1", "--epochs", "1", "--tries", "1"],
        ...["--out", `${out}/compressed.dram`],
      ],
    ]
  ) {
    const { code, stderr } = await runIn(folder, args);
    assertEquals(code, 0, `${args.join(" ")}: ${stderr}`);
  }
  const files = await readAll(folder);
  const names = [experiment, folder].map((path) => path.split("/").at(-1)!);
  const telling = files.filter(([, text]) =>
    names.some((name) => text.includes(name))
  );
  assertEquals(telling.map(([path]) => path), []);
  // They were looked at, and do say what the data is called.
  const named = files.filter(([, text]) => text.includes('digits"'))
    .map(([path]) => path.slice(folder.length));
  for (
    const path of ["/made/trained/manifest.json", "/made/compressed.json"]
  ) assert(named.includes(path), named.join());
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a study that was begun with a whole path as its data's name goes on", async () => {
  const folder = await freshExperiment();
  const line = ["sweep", ...BROUGHT, ...QUICK, "--hidden", "2"];
  const first = await runIn(folder, [...line, "--seeds", "1"]);
  assertEquals(first.code, 0, first.stderr);
  const path = `${folder}/studies/default/study.db`;
  {
    using database = new DatabaseSync(path);
    // As before there were checksums.
    database.exec("DELETE FROM setting WHERE key LIKE 'checksum of %'");
    for (const key of ["setting", "context"]) {
      database.prepare(
        "UPDATE setting SET value = json_set(value, '$.dataset.name', ?) WHERE key = ?",
      ).run(`${experiment}/digits`, key);
    }
  }
  const report = await runIn(folder, ["report"]);
  assertEquals([report.code, report.stdout.includes(experiment)], [0, false]);
  const page = `${folder}/studies/default/report.html`;
  assertEquals((await Deno.readTextFile(page)).includes(experiment), false);
  const second = await runIn(folder, [...line, "--seeds", "1,2", "--json"]);
  assertEquals(second.code, 0, second.stderr);
  const { students, dataset } = JSON.parse(second.stdout);
  assertEquals([students.length, dataset.name], [4, "digits"]);
  await Deno.remove(folder, { recursive: true });
});
