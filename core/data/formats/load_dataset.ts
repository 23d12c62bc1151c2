import { basename, resolve } from "node:path";
import { nameKind } from "../../files/read_regular_file.ts";
import type { Dataset } from "../dataset.ts";
import { composeDataset } from "./compose_dataset.ts";
import type { DataFormat, ReadingOptions } from "./format.ts";
import { DATA_FORMATS } from "./formats.ts";
import { listPlace } from "./list_place.ts";

/** How data is loaded, and what it is called. */
export interface LoadDataOptions extends ReadingOptions {
  /** What reports call it; as the file or folder is called unless given. */
  name?: string;
}

/**
 * Loads the data at `path`, in whichever form it is told to be by what lies there.
 *
 * Throws `Deno.errors.NotFound` where there is nothing, a `TypeError` where it is
 * none of the forms, and a `SyntaxError` or `RangeError` for what is malformed, too
 * large or doesn't belong together.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { loadDataset } from "./load_dataset.ts";
 *
 * const folder = await Deno.makeTempDir();
 * await assertRejects(() => loadDataset(folder), TypeError, "a folder of IDX files");
 * ```
 */
export async function loadDataset(
  path: string,
  options?: LoadDataOptions & { room?: undefined },
): Promise<Dataset<Uint8Array>>;
/**
 * The same with `room`: images that have more bytes lie in files, and `readImages` gives
 * them.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readImages } from "../dataset.ts";
 * import { encodePng } from "./pictures/encode_png.ts";
 * import { loadDataset } from "./load_dataset.ts";
 *
 * const folder = await Deno.makeTempDir();
 * for (const [place, name] of ["a", "b", "c"].entries()) {
 *   await Deno.mkdir(`${folder}/pets/${name}`, { recursive: true });
 *   const png = encodePng({ shape: [1, 1, 1], pixels: Uint8Array.of(place) });
 *   await Deno.writeFile(`${folder}/pets/${name}/1.png`, png);
 * }
 * const room = { bytes: 1, folder: `${folder}/room` };
 * const { train } = await loadDataset(`${folder}/pets`, { room });
 * assertEquals([train.images instanceof Uint8Array, readImages(train).length], [false, 2]);
 * ```
 */
export async function loadDataset(
  path: string,
  options?: LoadDataOptions,
): Promise<Dataset>;
export async function loadDataset(
  path: string,
  { name = basename(resolve(path)), ...options }: LoadDataOptions = {},
): Promise<Dataset> {
  const place = await listPlace(path);
  const formats: DataFormat[] = Object.values(DATA_FORMATS);
  const format = formats.find((format) => format.reads(place));
  if (!format) {
    const found = place.entries
      ? "a folder of"
      : nameKind(await Deno.stat(path));
    throw new TypeError(
      `Cannot load a dataset from ${path}: it must be ${
        formats.map(({ words }) => words).join(", or ")
      }: it is ${found} none of these`,
    );
  }
  const raw = await format.read(place, options);
  return await composeDataset(raw, { ...options, name, path });
}
