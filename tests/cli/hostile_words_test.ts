import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { defineCommand } from "../../cli/command.ts";
import { encodeDram } from "../../core/compress/code/encode_dram.ts";
import { search } from "../../core/search/search.ts";
import { fakeSearch, fakeTrainer } from "../core/search/fake_search.ts";
import { smallDram, smallModel } from "../core/infer/small_model.ts";
import { parseXml } from "../core/report/parse_xml.ts";
import { collect, type Outcome, runInProcess } from "./capture.ts";
import { copyFolder } from "./model_folder.ts";
import { freshExperiment, runIn, tinyExperiment } from "./tiny_experiment.ts";

/** A title, a link, a colour, a cleared screen, a reversed line, a line of its own. */
const HOSTILE =
  "a\u001b]0;t\u0007\u001b]8;;x:y\u0007\u001b[31m\u009b2J\u202e\u2066\u200b\r\nretort: ok";
const LONG = "x".repeat(1_000_000);
/** Of a line that a stranger's words are in; a table's has several. */
const LONGEST_LINE = 2500;

/** What no terminal is to get, but for the ends of lines. */
const UNSEEN = /[^\n\P{C}]|[\u2028\u2029]/u;

function assertClean({ stdout, stderr }: Omit<Outcome, "code">): void {
  for (const text of [stdout, stderr]) {
    assertEquals(UNSEEN.exec(text)?.[0], undefined, text.slice(0, 3000));
    for (const line of text.split("\n")) {
      assert(line.length < LONGEST_LINE, line.slice(0, 3000));
      assert(!line.startsWith("retort: ok"), "a line is forged");
    }
  }
}

/** Asserts that JSON is the same document without what a terminal would obey. */
function assertCleanJson(stdout: string): unknown {
  assertEquals(UNSEEN.exec(stdout)?.[0], undefined);
  return JSON.parse(stdout);
}

/** A study and a search whose every word that reports show is `words`. */
async function spoiltStudies(words: string): Promise<string> {
  const experiment = await tinyExperiment();
  const folder = await freshExperiment();
  const study = `${folder}/studies/default`;
  await Deno.mkdir(study, { recursive: true });
  await copyFolder(`${experiment}/studies/default`, study);
  await search(fakeSearch(`${study}/search.db`, fakeTrainer()));
  for (const file of ["study.db", "search.db"]) {
    using database = new DatabaseSync(`${study}/${file}`);
    // By someone who leaves no checksum, as earlier versions did.
    database.exec(
      "DELETE FROM setting WHERE key LIKE 'checksum of %' OR key LIKE 'record of %'",
    );
    for (const key of ["study", "dataset.name", "backend.name"]) {
      database.prepare(
        "UPDATE setting SET value = json_set(value, ?, ?) WHERE key = 'context'",
      ).run(`$.${key}`, words);
    }
    database.prepare(
      "UPDATE trial SET state = 'failed', error = ? WHERE id = 2",
    )
      .run(words);
  }
  using database = new DatabaseSync(`${study}/search.db`);
  database.prepare("UPDATE trial SET layers = layers || ?").run(words);
  return folder;
}

for (const [what, words] of [["hostile", HOSTILE], ["long", LONG]]) {
  Deno.test(`labels and names that are ${what} are shown clean and short`, async () => {
    const folder = await Deno.makeTempDir();
    const name = words.slice(0, 200).replaceAll("/", ":");
    const file = `${folder}/${name}.dram`;
    const label = words.slice(0, 200); // the format takes 255 bytes
    await Deno.writeFile(
      file,
      encodeDram({ ...smallModel(), labels: [label, ..."123456789"] }),
    );
    for (const command of ["dram", "evaluate"]) {
      const outcome = await runInProcess([command, file]);
      assertEquals(outcome.code, 0, outcome.stderr);
      assertClean(outcome);
      assertCleanJson((await runInProcess([command, file, "--json"])).stdout);
    }
    const args = ["dram", file, "--json"];
    const { file: told, labels } = JSON.parse(
      (await runInProcess(args)).stdout,
    );
    assertEquals([told, labels[0]], [file, label]);
  });

  Deno.test(`folders whose names are ${what} are shown, and recorded, clean and short`, async () => {
    const experiment = await tinyExperiment();
    const name = `${await Deno.makeTempDir()}/${words.slice(0, 200)}`;
    for (const each of ["digits", "teacher"]) {
      await Deno.symlink(`${experiment}/${each}`, `${name}-${each}`);
    }
    const args = [`${name}-teacher`, "--data", `${name}-digits`];
    const outcome = await runInProcess(["evaluate", ...args]);
    assertEquals(outcome.code, 0, outcome.stderr);
    assertClean(outcome);
    const { stdout } = await runInProcess(["evaluate", ...args, "--json"]);
    assertCleanJson(stdout);
    assertEquals(JSON.parse(stdout).file, args[0]);
    assertEquals(UNSEEN.exec(JSON.parse(stdout).dataset), null);
  });

  Deno.test(`a study's words that are ${what} are shown clean and short, in reports too`, async () => {
    const folder = await spoiltStudies(words);
    for (
      const args of [
        ["report"],
        ["report", "--bytes", "--study", "default"],
        ["frontier", "--accuracy", "0.3"],
        ["frontier", "--bytes", "--study", "default", "--accuracy", "0.3"],
      ]
    ) {
      const outcome = await runIn(folder, args);
      assertEquals(outcome.code, 0, outcome.stderr);
      assertClean(outcome);
      assertCleanJson((await runIn(folder, [...args, "--json"])).stdout);
    }
    const study = `${folder}/studies/default`;
    for (const page of ["report.html", "search.html"]) {
      const html = await Deno.readTextFile(`${study}/${page}`);
      assertEquals(UNSEEN.exec(html)?.[0], undefined);
      assert(html.length < 500_000, `${page} has ${html.length} characters`);
    }
    for (const { name } of Deno.readDirSync(`${study}/plots`)) {
      const svg = await Deno.readTextFile(`${study}/plots/${name}`);
      assertEquals(UNSEEN.exec(svg)?.[0], undefined);
      parseXml(svg);
    }
    await Deno.remove(folder, { recursive: true });
  });

  const wrong: string[][] = [
    [words],
    ["summary", words],
    ["summary", `--${words}`],
    ["summary", "student", words],
    ["summary", "compact", "--layers", words],
    ["summary", "compact", "--layers", `conv3x8,${words}`],
    ["summary", "--hidden", words],
    ["sweep", "--study", words],
    ["sweep", "--loss", words],
    ["report", "--study", words],
    ["frontier", "--accuracy", words],
    ["search", "--layers", words, "--dry-run"],
    ["search", "--channels", words, "--dry-run"],
    ["compact", "--layers", words],
    ["compact", "--bits-of", words],
    ["compress", "teacher", "--widths", words],
    ["evaluate", words],
    ["evaluate", `${words}#`],
    ["dram", words],
    ["dram", `#${words}`],
    ["evaluate", "teacher", "--data", words],
    ["compact", "--teacher", words],
    ["site", words],
    ["bench", "--compare", words],
    ["bench", "--only", words],
    ["web", "--host", words],
  ];
  Deno.test(`errors about words that are ${what} are one clean, short line, with its rule`, async () => {
    const folder = await tinyExperiment();
    for (const args of wrong) {
      for (const more of [[], ["--verbose"]]) {
        const outcome = await runIn(folder, [...args, ...more]);
        assert([1, 2].includes(outcome.code), args.join(" ").slice(0, 200));
        assertClean(outcome);
        assertStringIncludes(outcome.stderr, "retort: Cannot ");
        if (more.length > 0) continue;
        const lines = outcome.stderr.split("\n")
          .filter((line) => !line.startsWith("wasm"));
        assertEquals(lines.length, 2, outcome.stderr);
      }
    }
  });
}

Deno.test("progress and notes of a hostile name are clean, on a terminal too", async () => {
  const command = defineCommand({
    name: "tell",
    about: "Tells.",
    examples: [],
    options: {},
    run(_values, io) {
      using progress = io.progress(HOSTILE);
      progress.work({ done: 1, total: 2, unit: "files", detail: HOSTILE });
      io.note(HOSTILE);
      io.print(io.colours.red("in red"));
      return Promise.resolve();
    },
  });
  const { main } = await import("../../cli/main.ts");
  for (const terminal of [false, true]) {
    const [stdout, stderr] = [collect(terminal), collect(terminal)];
    const load = () => Promise.resolve({ command });
    const commands = { tell: { summary: "", load } };
    assertEquals(await main(["tell"], { stdout, stderr, commands }), 0);
    // Only what the bar itself draws with: to the line's start, and clear it.
    const drawn = ["\r", "\u001b[K", "\u001b[2K"].reduce(
      (text, mark) => text.replaceAll(mark, ""),
      stderr.text(),
    );
    assertEquals(UNSEEN.exec(drawn)?.[0], undefined, drawn);
    const red = terminal && !Deno.noColor;
    assertEquals(
      stdout.text(),
      red ? "\u001b[31min red\u001b[39m\n" : "in red\n",
    );
  }
});

Deno.test("a file whose name holds a quote or a line's end is told of as any", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/it's\n'b' (os error 2): open 'c'`;
  const { code, stderr } = await runInProcess(["dram", path]);
  assertEquals(code, 1);
  assertStringIncludes(
    stderr,
    "it's 'b' (os error 2): open 'c': there is no such file or folder",
  );
  await Deno.writeFile(path, smallDram());
  assertEquals((await runInProcess(["dram", path])).code, 0);
});
