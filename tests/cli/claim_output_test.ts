import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { dirname, fromFileUrl } from "@std/path";
import { claimOutput, modelFiles } from "../../cli/commands/claim_output.ts";
import {
  ClaimedError,
  claimFolder,
  claimPath,
} from "../../core/files/claim_folder.ts";
import { exists } from "../../core/files/exists.ts";
import { runProcess } from "./capture.ts";
import { namesIn } from "./model_folder.ts";
import {
  freshExperiment,
  runIn,
  SWEEP,
  TINY,
  tinyExperiment,
  trainTiny,
} from "./tiny_experiment.ts";
import { SEARCH } from "./tiny_search.ts";

const WASM = ["--backend", "wasm"];
const DATA = ["--data", "digits", "--teacher", "teacher"];
const FILE = "small.dram";

const folder = await freshExperiment();
await Deno.symlink(`${await tinyExperiment()}/studies`, `${folder}/studies`);
const found = await runIn(folder, [...SEARCH, "--study", "claimed"]);
assertEquals(found.code, 0, found.stderr);
const study = ["--study", "claimed"];
const exported = ["frontier", "--bytes", ...study, "--accuracy", "0.3"];
assertEquals((await runIn(folder, [...exported, "--export", FILE])).code, 0);
const link = (await runIn(folder, ["dram", FILE, "--link"])).stdout.trim();

/** A command that makes something where it is told, which is a folder or a file. */
interface Maker {
  args: string[];
  option?: "--export" | "--hypervolume" | "--record" | "--sheet";
  /** What it makes is a file, or a folder with this in it, among others. */
  makes: "file" | string;
}

const MAKERS: Record<string, Maker> = {
  train: { args: trainTiny("--epochs", "1"), makes: "weights.bin" },
  distill: {
    args: ["distill", ...TINY, "--hidden", "2"],
    makes: "manifest.json",
  },
  compact: {
    args: [
      ...["compact", ...DATA, ...WASM, "--layers", "pool2,dense8"],
      ...["--copies", "1", "--epochs", "1", "--quantised-epochs", "1"],
    ],
    makes: "file",
  },
  compress: {
    args: ["compress", "teacher", ...DATA, ...WASM, "--epochs", "1"],
    makes: "file",
  },
  dram: { args: ["dram", `https://example.org/#${link}`], makes: "file" },
  baselines: {
    args: ["baselines", FILE, "--data", "digits", ...WASM],
    makes: "float16/model.json",
  },
  data: { args: ["data", "digits"], option: "--sheet", makes: "file" },
  import: {
    args: ["import", "teacher", "--data", "digits", ...WASM],
    makes: "weights.bin",
  },
  export: {
    args: ["export", FILE, "--data", "digits", "--to", "c"],
    makes: "file",
  },
  frontier: {
    args: ["frontier", "--accuracy=0.3", "--teacher=teacher", ...WASM],
    ...{ option: "--export", makes: "model.json" },
  },
  "frontier --bytes": { args: exported, option: "--export", makes: "file" },
  "frontier --hypervolume": {
    args: ["frontier", "--bytes", ...study],
    ...{ option: "--hypervolume", makes: "file" },
  },
  report: { args: ["report"], makes: "report.html" },
  "report --bytes": { args: ["report", "--bytes", ...study], makes: "plots/a" },
  site: { args: ["site", ...DATA], makes: "data/other.json" },
};

Deno.test("each command that claims what it writes is tried; bench, which measures for minutes, is not", () => {
  const folder = new URL("../../cli/commands/", import.meta.url);
  const claiming = namesIn(fromFileUrl(folder)).filter((file) =>
    /\bclaimOutput\(/.test(Deno.readTextFileSync(new URL(file, folder))) &&
    file !== "claim_output.ts"
  );
  const tried = Object.keys(MAKERS).map((name) =>
    `${name.replace(" --", "_")}.ts`
  );
  // `report` claims for `report --bytes`, too.
  assertEquals(
    [...new Set([...claiming, "report_bytes.ts"])].sort(),
    [...tried, "bench.ts"].sort(),
  );
});

for (
  const [name, { args, option = "--out", makes }] of Object.entries(MAKERS)
) {
  const isFile = makes === "file";
  const out = `made-${name.replace(/\W+/g, "-")}${isFile ? ".dram" : ""}`;
  const run = (...more: string[]) =>
    runIn(folder, [...args, option, out, ...more]);

  Deno.test(`${name} leaves what exists as it is, and says what to do, before any work`, async () => {
    const path = isFile ? out : `${out}/${makes}`;
    await Deno.mkdir(dirname(`${folder}/${path}`), { recursive: true });
    await Deno.writeTextFile(`${folder}/${path}`, "a stranger's");
    const { code, stdout, stderr } = await run();
    assertEquals([code, stdout], [1, ""], stderr);
    assertMatch(
      stderr,
      new RegExp(
        `Cannot write ${out}[\\w/.]*: it exists already; name another with ${option}, or add --force\n$`,
      ),
    );
    assertEquals(await Deno.readTextFile(`${folder}/${path}`), "a stranger's");
    const left = isFile ? namesIn(folder) : namesIn(`${folder}/${out}`);
    assertEquals(left.filter((each) => /lock|tmp|checkpoint/.test(each)), []);
    await Deno.remove(`${folder}/${out}`, { recursive: true });
  });

  Deno.test(`${name} is refused what another command is writing`, async () => {
    const path = `${folder}/${out}`;
    using _claim = await (isFile ? claimPath : claimFolder)(path, {
      command: "sweep",
    });
    const { code, stdout, stderr } = await run("--force");
    assertEquals([code, stdout], [1, ""], stderr);
    assertStringIncludes(
      stderr,
      `Cannot write ${out}: only one command may at a time: sweep (process ${Deno.pid}) is writing it`,
    );
  });
}

for (
  const args of [[...SWEEP, "--study", "claimed"], [...SEARCH, ...study], [
    "report",
    "--bytes",
    ...study,
  ]]
) {
  Deno.test(`${args[0]} is refused a study's folder that another command writes, and no more`, async () => {
    const before = namesIn(`${folder}/studies/claimed`);
    {
      using _claim = await claimFolder(`${folder}/studies/claimed`, {
        command: "search",
      });
      const { code, stderr } = await runIn(folder, args);
      assertEquals(code, 1);
      assertStringIncludes(stderr, "Cannot write studies/claimed: only one");
    }
    assertEquals(namesIn(`${folder}/studies/claimed`), before);
  });
}

Deno.test("compress is refused stages that another command writes, whatever file it makes of them", async () => {
  using _claim = await claimFolder(`${folder}/stages`, { command: "compress" });
  const { code, stderr } = await runIn(folder, [
    ...[...MAKERS.compress.args, "--stages", "stages"],
    ...["--out", "of-stages.dram"],
  ]);
  assertEquals(code, 1, stderr);
  assertStringIncludes(stderr, "Cannot write stages: only one");
  assertEquals(namesIn(folder).filter((each) => /of-stages/.test(each)), []);
});

Deno.test("frontier --bytes answers while a search runs, and leaves the report to that", async () => {
  using _claim = await claimFolder(`${folder}/studies/claimed`, {
    command: "search",
  });
  const { code, stdout, stderr } = await runIn(folder, exported);
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "its report stays as it is");
  assertEquals(stdout.includes("Report: "), false);
});

Deno.test("frontier --bytes --export, killed at any file, does all of it when it is run again, and leaves nothing", async () => {
  const out = "killed.dram";
  const args = [...exported, "--export", out];
  for (const file of [out, "plots/", "search.html"]) {
    const { stderr } = await runProcess([file, ...args], {
      program: "kill_at_rename_fixture.ts",
      cwd: folder,
    });
    const left = namesIn(`${folder}/studies/claimed`);
    assertEquals(left.includes(".retort-lock"), file !== out, stderr);
    const again = await runIn(folder, args);
    assertEquals(again.code, 0, again.stderr);
    for (const place of ["", "/studies/claimed", "/studies/claimed/plots"]) {
      const names = namesIn(`${folder}${place}`);
      assertEquals(names.filter((each) => /lock$|tmp$/.test(each)), [
        ...place === "/studies/claimed" ? ["search.db.lock"] : [],
      ]);
    }
    // It has ended: from here on the file is another command's.
    const { code, stderr: refused } = await runIn(folder, args);
    assertEquals(code, 1);
    assertStringIncludes(refused, `Cannot write ${out}: it exists already`);
    await Deno.remove(`${folder}/${out}`);
  }
});

Deno.test("--force replaces; the same report is drawn again without it, another study's isn't", async () => {
  const forced = ["dram", `https://example.org/#${link}`, "--out", "old.dram"];
  await Deno.writeTextFile(`${folder}/old.dram`, "old");
  assertEquals((await runIn(folder, [...forced, "--force"])).code, 0);
  assertEquals(
    await Deno.readFile(`${folder}/old.dram`),
    await Deno.readFile(`${folder}/${FILE}`),
  );
  const report = ["report", "--bytes", "--out", "drawn"];
  for (const code of [0, 0]) {
    const outcome = await runIn(folder, [...report, ...study]);
    assertEquals(outcome.code, code, outcome.stderr);
  }
  assertEquals(await exists(`${folder}/drawn/search.html`), true);
  const other = await runIn(folder, ["report", "--out", "drawn"]);
  assertStringIncludes(other.stderr, "Cannot write drawn/plots: it exists");
});

Deno.test("a command that left its state beside an older model goes on with it, without --force", async () => {
  const out = `${folder}/begun`;
  const checkpoint = `${out}/unfinished.checkpoint`;
  const planned = {
    ...{ command: "train", at: { folder: out }, makes: modelFiles(out) },
    ...{ unfinished: [checkpoint], force: false },
  };
  await Deno.mkdir(out);
  await Deno.writeTextFile(`${out}/model.json`, "older");
  await assertRejects(() => claimOutput(planned), Error, "exists already");
  await Deno.writeTextFile(checkpoint, "begun");
  using _claim = await claimOutput(planned);
  await assertRejects(() => claimOutput(planned), ClaimedError);
});

Deno.test("sweep, search, report and frontier may be run again as they were", async () => {
  for (
    const args of [
      ...[SWEEP, [...SEARCH, ...study], ["report"]],
      ...[["report", "--bytes", ...study], exported],
    ]
  ) {
    const { code, stderr } = await runIn(folder, args);
    assertEquals(code, 0, stderr);
  }
});
