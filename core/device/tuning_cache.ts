import { removeLeftovers } from "../files/temporary_file.ts";
import { parseSealedJson, sealJson } from "../files/checksum.ts";
import { isRecord } from "../files/json.ts";
import { writeAtomically } from "../files/write_atomically.ts";
import {
  type Tile,
  tileCandidates,
  type Tiles,
} from "../kernels/webgpu/tile.ts";
import { VERSION } from "../version.ts";

/**
 * What measurements hold for: our version, the tiles to choose from, and an
 * adapter by all that WebGPU tells of it. Of its driver that is what the
 * description says, if anything.
 */
function identify({ info }: GPUAdapter): string {
  const { vendor, architecture, device, description, isFallbackAdapter } = info;
  const candidates = JSON.stringify(tileCandidates(isFallbackAdapter));
  return [VERSION, candidates, vendor, architecture, device, description]
    .join("\n");
}

/** The file in `folder` that keeps the tiles of `adapter`. */
export async function tuningFile(
  folder: string,
  adapter: GPUAdapter,
): Promise<string> {
  const bytes = new TextEncoder().encode(identify(adapter));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `${folder}/${hash.slice(0, 8).toHex()}.json`;
}

/** The candidate that `value` describes; undefined where it is none. */
function parseTile(value: unknown, software: boolean): Tile | undefined {
  return tileCandidates(software).find((tile) => {
    const entries = Object.entries(tile);
    return isRecord(value) && Object.keys(value).length === entries.length &&
      entries.every(([name, entry]) => value[name] === entry);
  });
}

/**
 * The tiles of `adapter` kept in `folder`; undefined where there are none, or
 * the file isn't one that this version wrote for this adapter, which `onDamage` is told
 * of.
 */
export async function readTuning(
  folder: string,
  adapter: GPUAdapter,
  onDamage?: (reason: string) => void,
): Promise<Tiles | undefined> {
  const path = await tuningFile(folder, adapter);
  const software = adapter.info.isFallbackAdapter;
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch {
    return undefined; // A cache: what can't be read is measured again.
  }
  try {
    const record = parseSealedJson(text, path);
    const dense = parseTile(record.dense, software);
    const convolution = parseTile(record.convolution, software);
    const filterGradient = parseTile(record.filterGradient, software);
    if (
      record.for === identify(adapter) && dense && convolution && filterGradient
    ) return { dense, convolution, filterGradient };
    throw new SyntaxError(`Cannot read ${path}: it must be of this adapter`);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    onDamage?.(error.message);
    return undefined;
  }
}

/** Keeps the tiles of `adapter` in `folder`, in place of what was there. */
export async function writeTuning(
  folder: string,
  adapter: GPUAdapter,
  tiles: Tiles,
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await removeLeftovers(folder);
  const record = { for: identify(adapter), ...tiles };
  await writeAtomically(await tuningFile(folder, adapter), sealJson(record));
}
