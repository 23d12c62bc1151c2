import { fileURLToPath } from "node:url";
import { OWNER_LOCK } from "../../fresh/dev/owned_folder.ts";
import { runIn, tinyExperiment } from "../cli/tiny_experiment.ts";
import { SEARCH } from "../cli/tiny_search.ts";
import { SEARCHED, type TortureCase } from "./cases.ts";

/** Where the program lies. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/**
 * The experiment that commands are tried on; where one needs it with a search, and
 * where all have a program of their own none.
 */
export async function makeSource(
  cases: readonly TortureCase[],
): Promise<string> {
  if (cases.every(({ has }) => has.includes("own program"))) return "";
  const source = await tinyExperiment();
  if (!cases.some(({ has }) => has.includes("studies"))) return source;
  for (
    const args of [
      [...SEARCH, ...SEARCHED],
      [
        ...["frontier", "--bytes", ...SEARCHED, "--accuracy", "0.3"],
        ...["--export", "small.dram", "--force"],
      ],
    ]
  ) {
    const { code, stderr } = await runIn(source, args);
    if (code !== 0) throw new Error(`Cannot begin the torture: ${stderr}`);
  }
  return source;
}

/** What builds have added to the app. */
const BUILT = new Set([`${ROOT}web/_fresh`, `${ROOT}web/static/wasm`]);

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (BUILT.has(`${from}/${name}`)) continue;
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

/** Copies the program to `folder`, with a site of one page in the place of its own. */
async function copyProgram(folder: string): Promise<void> {
  for (const name of ["cli", "core", "fresh", "web"]) {
    await copyFolder(`${ROOT}${name}`, `${folder}/${name}`);
  }
  for (const name of ["deno.json", "deno.lock"]) {
    await Deno.copyFile(`${ROOT}${name}`, `${folder}/${name}`);
  }
  for (const name of ["models", "node_modules"]) {
    await Deno.symlink(`${ROOT}${name}`, `${folder}/${name}`);
  }
  const site = `${folder}/web/_fresh`;
  await Deno.mkdir(`${site}/build-old`, { recursive: true });
  const page = 'export default { fetch: () => new Response("old") };\n';
  await Deno.writeTextFile(`${site}/build-old/server.js`, page);
  await Deno.writeTextFile(`${site}/build-old/${OWNER_LOCK}`, "");
  const leads = 'export { default } from "./build-old/server.js";\n';
  await Deno.writeTextFile(`${site}/server.js`, leads);
}

/** The part of a case's folder that its command writes in. */
export function writtenIn(folder: string, { has }: TortureCase): string {
  return has.includes("own program") ? `${folder}/web` : folder;
}

/** A folder in which a command finds what its case says. */
export async function makeFolder(
  source: string,
  { has }: TortureCase,
): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "retort-torture-" });
  if (has.includes("own program")) {
    await copyProgram(folder);
    return folder;
  }
  const linked = ["digits", "teacher"];
  if (!has.includes("empty caches")) linked.push(".retort");
  for (const name of linked) {
    await Deno.symlink(`${source}/${name}`, `${folder}/${name}`);
  }
  if (has.includes("studies")) {
    await copyFolder(`${source}/studies`, `${folder}/studies`);
    await Deno.copyFile(`${source}/small.dram`, `${folder}/small.dram`);
  }
  if (has.includes("old model")) {
    await copyFolder(`${source}/teacher`, `${folder}/model`);
  }
  return folder;
}
