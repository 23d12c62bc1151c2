import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { namesIn } from "./model_folder.ts";
import { runIn, sweepOutcome, tinyExperiment } from "./tiny_experiment.ts";

Deno.test("report --out writes the report of a study again, elsewhere", async () => {
  const folder = await tinyExperiment();
  const study = `${folder}/studies/default`;
  const out = await Deno.makeTempDir();
  const args = ["report", "--out", `${out}/deep/report`];
  const { code, stdout, stderr } = await runIn(folder, args);
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^\nhidden +dropout +loss +parameters/);
  assertStringIncludes(stdout, `\nReport: ${out}/deep/report/report.html\n`);
  const again = `${out}/deep/report`;
  assertEquals(namesIn(`${again}/plots`), namesIn(`${study}/plots`));
  for (const name of namesIn(`${again}/plots`)) {
    assertEquals(
      Deno.readTextFileSync(`${again}/plots/${name}`),
      Deno.readTextFileSync(`${study}/plots/${name}`),
    );
  }
  assertStringIncludes(
    Deno.readTextFileSync(`${again}/report.html`),
    "logit-mse",
  );
  await Deno.remove(out, { recursive: true });
});

Deno.test("report --json is the result that the sweep printed", async () => {
  const folder = await tinyExperiment();
  const out = await Deno.makeTempDir();
  const { stdout } = await runIn(folder, ["report", "--json", "--out", out]);
  const { seconds, ...result } = JSON.parse(stdout);
  const { seconds: _, ...swept } = JSON.parse((await sweepOutcome()).stdout);
  assertEquals(result, swept);
  assertEquals(typeof seconds, "number");
  await Deno.remove(out, { recursive: true });
});

Deno.test("report and frontier say which sweep an unknown study needs", async () => {
  const folder = await tinyExperiment();
  for (const command of ["report", "frontier"]) {
    assertEquals(await runIn(folder, [command, "--study", "none"]), {
      code: 1,
      stdout: "",
      stderr:
        "retort: Cannot open the study none: a sweep must have begun it: there is no studies/none/study.db; run `deno task sweep --study none`\n",
    });
  }
});
