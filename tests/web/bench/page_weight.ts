/**
 * What `/` weighs until its first prediction, and what tfjs adds behind that, as
 * the built site sends it.
 *
 * @module
 */
import { serveSite } from "../browser/serve_site.ts";
import { download } from "./download.ts";
import { followFiles } from "./follow_files.ts";

/** One file, in bytes. */
export interface FileWeight {
  /** Its path on the site. */
  path: string;
  /** As it is. */
  bytes: number;
  /** As it comes where a browser takes gzip only. */
  gzip: number;
  /** As it comes where a browser takes brotli too, as all do. */
  brotli: number;
}

/** What a page loads, part by part. */
export interface PageWeight {
  /** HTML, CSS and JavaScript until the first prediction. */
  first: FileWeight[];
  /** What else is loaded for tfjs on WebGPU. */
  webgpu: FileWeight[];
  /** What else is loaded for tfjs on Wasm, with its binary. */
  wasm: FileWeight[];
}

const WASM = "/wasm/tfjs-backend-wasm-simd.wasm";

async function weigh(address: string): Promise<FileWeight> {
  const gzip = await download(address, "gzip");
  const brotli = await download(address, "gzip, deflate, br");
  return {
    path: new URL(address).pathname,
    bytes: gzip.body.length,
    gzip: gzip.transferred,
    brotli: brotli.transferred,
  };
}

async function read(address: string): Promise<{ type: string; text: string }> {
  const { type, body } = await download(address, "identity");
  return { type, text: new TextDecoder().decode(body) };
}

/** The one of `scripts` that exports `name`. */
async function findExporter(scripts: string[], name: string): Promise<string> {
  for (const script of scripts) {
    if ((await read(script)).text.includes(` as ${name}`)) return script;
  }
  throw new Error(`Cannot weigh the page: no script exports ${name}`);
}

/** The sum of some files. */
export function sumWeights(files: FileWeight[]): Omit<FileWeight, "path"> {
  const total = (of: (file: FileWeight) => number) =>
    files.reduce((sum, file) => sum + of(file), 0);
  return {
    bytes: total(({ bytes }) => bytes),
    gzip: total(({ gzip }) => gzip),
    brotli: total(({ brotli }) => brotli),
  };
}

/** Weighs the front page of the site that `origin` serves. */
export async function weighPage(origin: string): Promise<PageWeight> {
  const all = async (addresses: string[]) => {
    const files = [];
    for (const address of addresses) files.push(await weigh(address));
    return files;
  };
  const page = await followFiles([`${origin}/`], [], read);
  const entry = await findExporter(page.called, "startPageBackend");
  const tfjs = await followFiles([entry], page.files, read);
  const behind = async (name: string) => {
    const backend = await findExporter(tfjs.called, name);
    const known = [...page.files, ...tfjs.files];
    return [
      ...tfjs.files,
      ...(await followFiles([backend], known, read)).files,
    ];
  };
  return {
    first: await all(page.files),
    webgpu: await all(await behind("WebGPUBackend")),
    wasm: await all([...await behind("BackendWasm"), `${origin}${WASM}`]),
  };
}

function formatFiles(title: string, files: FileWeight[]): string {
  const row = (
    path: string,
    { bytes, gzip, brotli }: Omit<FileWeight, "path">,
  ) =>
    [bytes, gzip, brotli]
      .map((count) => count.toLocaleString("en-GB").padStart(10)).join("") +
    `  ${path}`;
  return [
    title,
    "     bytes      gzip    brotli",
    ...files.map((file) => row(file.path, file)),
    row("in all", sumWeights(files)),
  ].join("\n");
}

if (import.meta.main) {
  const site = await serveSite();
  const weight = await weighPage(site.origin);
  await site.stop();
  const text = [
    formatFiles(
      "HTML, CSS and JavaScript until the first prediction",
      weight.first,
    ),
    formatFiles("Behind it, tfjs on WebGPU", weight.webgpu),
    formatFiles("or on Wasm", weight.wasm),
  ].join("\n\n");
  const json = Deno.args.includes("--json");
  console.log(json ? JSON.stringify(weight, null, 2) : text);
}
