import { assert, assertEquals } from "@std/assert";
import { COMMANDS } from "../cli/commands.ts";
import { CLASS_NAMES } from "../core/models/formats/layers_model/saved_layer.ts";
import { ACTIVATION_FORMS } from "../core/models/layers/activation.ts";
import { listLayerWords } from "../core/models/layers/layer_forms.ts";
import config from "../deno.json" with { type: "json" };

const root = new URL("../", import.meta.url);

/** A Markdown document of this repository. */
interface Document {
  /** Its path from the repository's root. */
  path: string;
  text: string;
}

/** Every Markdown file that git tracks, or would if it were added. */
async function readDocuments(): Promise<Document[]> {
  const { stdout, success } = await new Deno.Command("git", {
    args: ["ls-files", "--cached", "--others", "--exclude-standard", "-z"]
      .concat(["*.md"]),
    cwd: root,
  }).output();
  if (!success) throw new Error("Cannot list documents: git ls-files failed");
  const names = new TextDecoder().decode(stdout).split("\0").filter(Boolean);
  return await Promise.all(
    [...new Set(names)].sort().map(async (path) => ({
      path,
      text: await Deno.readTextFile(new URL(path, root)),
    })),
  );
}

const documents = await readDocuments();

/** `text` without what stands between fences, where brackets are code. */
function withoutBlocks(text: string): string {
  return text.replace(/^```[^]*?^```$/gm, "");
}

/** Where the links and pictures of `text` lead. */
function linksIn(text: string): string[] {
  const prose = withoutBlocks(text).replace(/`[^`]*`/g, "code");
  return [...prose.matchAll(/\]\(([^()\s]+)\)/g)].map(([, target]) => target);
}

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsIn(text: string): Set<string> {
  const headings = withoutBlocks(text).matchAll(/^#{1,6} +(.+)$/gm);
  return new Set(
    [...headings].map(([, words]) =>
      words.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
    ),
  );
}

/** What is wrong with the links of `document`, one line each. */
async function faultsOf({ path, text }: Document): Promise<string[]> {
  const faults: string[] = [];
  for (const link of linksIn(text)) {
    if (/^(https?|mailto):/.test(link)) continue;
    const target = new URL(link, new URL(path, root));
    const anchor = decodeURIComponent(target.hash.slice(1));
    target.hash = "";
    const found = await Deno.stat(target).catch(() => undefined);
    if (!found || !target.href.startsWith(root.href)) {
      faults.push(`${path}: ${link} leads nowhere`);
    } else if (
      anchor && !anchorsIn(await Deno.readTextFile(target)).has(anchor)
    ) {
      faults.push(`${path}: ${link}: there is no such heading`);
    }
  }
  return faults;
}

Deno.test("the documents are found, and have links", () => {
  const paths = documents.map(({ path }) => path);
  for (
    const path of ["README.md", "CONTRIBUTING.md", "SECURITY.md"]
      .concat(["CHANGELOG.md", "docs/architecture.md", "core/infer/DRAM.md"])
  ) assert(paths.includes(path), path);
  const links = documents.flatMap(({ text }) => linksIn(text));
  assert(links.length > 60, `${links.length} links`);
});

Deno.test("a link that leads nowhere, or to no heading, is a fault", async () => {
  const path = "docs/made_up.md";
  const text = "# A `.dram` file, or a link\n" +
    "[a](../README.md) [b](../README.md#begin) [c](#a-dram-file-or-a-link)\n" +
    "[d](README.md) [e](../README.md#nowhere) ![f](../../x.png) `[g](h)`\n" +
    "```\n[i](j)\n```\n";
  const wrong = [
    "docs/made_up.md: README.md leads nowhere",
    "docs/made_up.md: ../README.md#nowhere: there is no such heading",
    "docs/made_up.md: ../../x.png leads nowhere",
  ];
  assertEquals([...anchorsIn(text)], ["a-dram-file-or-a-link"]);
  // Its own headings are read from the disk, where it is not.
  const others = text.replace("[c](#a-dram-file-or-a-link)", "");
  assertEquals(await faultsOf({ path, text: others }), wrong);
});

Deno.test("every link of the documents leads to a file, and to a heading of it", async () => {
  assertEquals((await Promise.all(documents.map(faultsOf))).flat(), []);
});

Deno.test("every document of docs is reached from the README", async () => {
  const reached = new Set(["README.md"]);
  for (const path of reached) {
    const url = new URL(path, root);
    for (const link of linksIn(await Deno.readTextFile(url))) {
      const target = new URL(link, url);
      if (!target.pathname.endsWith(".md")) continue;
      reached.add(target.pathname.slice(root.pathname.length));
    }
  }
  const lost = documents.filter(({ path }) => !reached.has(path));
  assertEquals(lost.map(({ path }) => path), []);
});

Deno.test("every task that documents name is one of deno.json", () => {
  const tasks = Object.keys(config.tasks);
  const unknown = documents.flatMap(({ path, text }) =>
    [...text.matchAll(/\bdeno\s+task\s+([a-z][\w:-]*)/g)]
      .filter(([, name]) => !tasks.includes(name))
      .map(([line]) => `${path}: ${line}`)
  );
  assertEquals(unknown, []);
});

Deno.test("docs/commands.md has every command, and every other task of deno.json", async () => {
  const text = await Deno.readTextFile(new URL("docs/commands.md", root));
  const names = [...Object.keys(COMMANDS), ...Object.keys(config.tasks)];
  const told = names.filter((name) =>
    text.includes(`\`${name}\``) || text.includes(`deno task ${name}`)
  );
  assertEquals(names.filter((name) => !told.includes(name)), []);
});

Deno.test("docs/models.md has every layer and activation that loads, and every word", async () => {
  const text = await Deno.readTextFile(new URL("docs/models.md", root));
  const told = [
    ...CLASS_NAMES.map((name) => `\`${name}\``),
    ...listLayerWords().map((word) => `\`${word}\``),
    ...Object.values(ACTIVATION_FORMS).flatMap(({ ending, keras }) =>
      keras.length === 0
        ? [`:${ending}`]
        : ending
        ? [`\`:${ending}\``, keras[0].replace("_", " ")]
        : keras
    ),
  ];
  assert(told.length > 40, `${told.length} words`);
  assertEquals(told.filter((word) => !text.includes(word)), []);
});

Deno.test("folders and files that CONTRIBUTING and docs name are there", async () => {
  const named = documents
    .filter(({ path }) => /^(CONTRIBUTING\.md$|docs\/)/.test(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/`((?:core|cli|bench|site|tests)\/[\w/.-]*)`/g)]
        .map(([, source]) => ({ path, source }))
    ).filter(({ source }) => !source.includes("NAME"));
  assert(named.length > 60, `${named.length} paths`);
  const missing: string[] = [];
  for (const { path, source } of named) {
    await Deno.stat(new URL(source, root)).catch(() =>
      missing.push(`${path}: ${source}`)
    );
  }
  assertEquals(missing, []);
});
