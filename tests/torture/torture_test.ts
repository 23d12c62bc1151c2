import { assertEquals, assertStringIncludes } from "@std/assert";
import { smallDram } from "../core/infer/small_model.ts";
import { tinyExperiment } from "../cli/tiny_experiment.ts";
import { TORTURE_CASES } from "./cases.ts";
import { runTorture } from "./run_torture.ts";
import { compareSnapshots, findHalves, takeSnapshot } from "./snapshot.ts";

async function copyModel(from: string, folder: string): Promise<void> {
  await Deno.mkdir(`${folder}/model`, { recursive: true });
  for (const name of ["model.json", "weights.bin", "manifest.json"]) {
    await Deno.copyFile(`${from}/${name}`, `${folder}/model/${name}`);
  }
}

Deno.test("a snapshot tells what is left over, missing or other; not when a thing was made, nor how long it took", async () => {
  const [a, b] = [await Deno.makeTempDir(), await Deno.makeTempDir()];
  for (const [folder, seconds] of [[a, "1"], [b, "62"]]) {
    const result = { date: seconds, seconds, deep: [{ seconds, score: 1 }] };
    await Deno.writeTextFile(`${folder}/r.json`, JSON.stringify(result));
    await Deno.writeTextFile(
      `${folder}/r.html`,
      `<p>4 students in ${seconds === "1" ? "1 s" : "1 min 2 s"}</p></html>`,
    );
    await Deno.writeFile(`${folder}/small.dram`, smallDram());
  }
  const first = await takeSnapshot(a);
  assertEquals(compareSnapshots(await takeSnapshot(b), first), []);
  await Deno.writeTextFile(`${b}/r.json`, `{"deep":[{"score":2}]}`);
  await Deno.writeTextFile(`${b}/r.json.x.tmp`, "");
  await Deno.remove(`${b}/r.html`);
  assertEquals(compareSnapshots(await takeSnapshot(b), first), [
    "r.html is missing",
    'r.json differs: "{\\"deep\\":[{\\"score\\":2}]}" must be "{\\"deep\\":[{\\"score\\":1}]}"',
    "r.json.x.tmp is left over",
  ]);
});

Deno.test("after a kill a cut file is found, one of another content, and a model of two models", async () => {
  const { folder, before, after } = await (async () => {
    const [folder, later] = [
      await Deno.makeTempDir(),
      await Deno.makeTempDir(),
    ];
    const teacher = `${await tinyExperiment()}/teacher`;
    await copyModel(teacher, folder);
    await copyModel(teacher, later);
    const weights = await Deno.readFile(`${later}/model/weights.bin`);
    weights[0] ^= 1;
    await Deno.writeFile(`${later}/model/weights.bin`, weights);
    await Deno.writeTextFile(`${later}/model/manifest.json`, "{}");
    for (const name of ["page.html", "small.dram", "plot.svg"]) {
      const content = name === "small.dram"
        ? smallDram()
        : new TextEncoder().encode("<svg></svg></html>");
      await Deno.writeFile(`${later}/${name}`, content);
    }
    return {
      folder,
      before: await takeSnapshot(folder),
      after: await takeSnapshot(later),
    };
  })();
  const find = () => findHalves(folder, { before, after });
  assertEquals(await find(), []);
  await Deno.writeFile(`${folder}/small.dram`, smallDram().slice(0, -3));
  await Deno.writeTextFile(`${folder}/page.html`, "<p>");
  await Deno.writeTextFile(`${folder}/plot.svg`, "<svg>");
  await Deno.writeTextFile(`${folder}/model/manifest.json`, "{}");
  const found = (await find()).join("\n");
  for (
    const what of [
      "small.dram is half",
      "page.html is half",
      "plot.svg is neither as it was nor as it will be",
      "model is of two models, and loads",
    ]
  ) assertStringIncludes(found, what);
  // Without the file that vouches for it there is no model.
  await Deno.remove(`${folder}/model/model.json`);
  assertEquals((await find()).join().includes("two models"), false);
});

Deno.test("a site must lead to a whole build, whatever that is called", async () => {
  const makeSite = async (name: string, ...files: string[]) => {
    const folder = await Deno.makeTempDir();
    const site = `${folder}/_fresh`;
    await Deno.mkdir(`${site}/${name}`, { recursive: true });
    for (const each of files) {
      await Deno.writeTextFile(`${site}/${name}/${each}`, each);
    }
    const leads = `export { default } from "./${name}/server.js";\n`;
    await Deno.writeTextFile(`${site}/server.js`, leads);
    return folder;
  };
  const before = await takeSnapshot(await makeSite("build-0", "server.js"));
  const files = ["server.js", "style.css"];
  const after = await takeSnapshot(await makeSite("build-1", ...files));
  const same = await makeSite("build-2", ...files);
  assertEquals(compareSnapshots(await takeSnapshot(same), after), []);
  assertEquals(await findHalves(same, { before, after }), []);
  const half = await makeSite("build-3", "style.css");
  assertEquals(await findHalves(half, { before, after }), [
    "_fresh leads to a build that is neither the old one nor the new one",
  ]);
  await Deno.mkdir(`${same}/_fresh/build-4`);
  await Deno.writeTextFile(`${same}/_fresh/build-4/server.js`, "");
  assertEquals(compareSnapshots(await takeSnapshot(same), after), [
    "_fresh/build-4/server.js is left over",
  ]);
});

Deno.test("a command that replaces a model, killed at random, ends as if never killed", async () => {
  const cases = TORTURE_CASES.filter(({ name }) => name === "distill --force");
  const record = await runTorture({ kills: 2, seed: 3, cases });
  assertEquals(record.kills, 2);
  assertEquals(record.cases.map(({ violations }) => violations), [[]]);
});
