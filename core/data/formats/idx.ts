/** An IDX file's content: unsigned bytes in row-major order. */
export interface IdxArray {
  /** Extent of each dimension, outermost first. */
  dimensions: number[];
  /** All values, `dimensions` multiplied together many. */
  values: Uint8Array<ArrayBuffer>;
}

const UNSIGNED_BYTE = 0x08;
const MAX_RANK = 4;
/** The most values that are read unless a reader asks for fewer; MNIST's images are 47 MB. */
export const MAX_IDX_BYTES = 2 ** 30;

/**
 * 4 + 4 · rank: length of the header of an IDX file of `rank` dimensions, in bytes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { headerLength } from "./idx.ts";
 *
 * assertEquals(headerLength(3), 16);
 * ```
 */
export function headerLength(rank: number): number {
  return 4 + 4 * rank;
}

/** Reads the header that `bytes` starts with; `undefined` if it is cut off. */
function readHeader(
  bytes: Uint8Array,
  { name, limit }: { name: string; limit: number },
): number[] | undefined {
  if (bytes.length < 4) return undefined;
  const [first, second, type, rank] = bytes;
  if (first !== 0 || second !== 0) {
    throw new SyntaxError(
      `Cannot read ${name} as IDX: it must start with two zero bytes: found ${first}, ${second}`,
    );
  }
  if (type !== UNSIGNED_BYTE) {
    throw new SyntaxError(
      `Cannot read ${name} as IDX: the values' type must be unsigned bytes (8): found ${type}`,
    );
  }
  if (rank < 1 || rank > MAX_RANK) {
    throw new SyntaxError(
      `Cannot read ${name} as IDX: it must have 1 to ${MAX_RANK} dimensions: found ${rank}`,
    );
  }
  if (bytes.length < headerLength(rank)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const dimensions = Array.from(
    { length: rank },
    (_, axis) => view.getUint32(4 + 4 * axis),
  );
  const size = dimensions.reduce((product, extent) => product * extent, 1);
  if (size < 1 || size > limit) {
    throw new SyntaxError(
      `Cannot read ${name} as IDX: it must declare 1 to ${limit} values: it declares ${
        dimensions.join(" × ")
      }`,
    );
  }
  return dimensions;
}

/** The start of what arrives, until the header is whole. */
function join(
  a: Uint8Array<ArrayBuffer>,
  b: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}

/** Where the values of an IDX file go. */
export interface IdxTarget {
  /** Told the dimensions before the first value. */
  open(dimensions: number[]): Promise<void> | void;
  /** Given the values in their order. */
  accept(values: Uint8Array<ArrayBuffer>): void;
}

/**
 * Reads an IDX file as {@linkcode readIdx} does, handing its values on as they arrive;
 * gives the dimensions.
 */
export async function streamIdx(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  { name, limit, target }: { name: string; limit: number; target: IdxTarget },
): Promise<number[]> {
  let pending = new Uint8Array(0);
  let dimensions: number[] | undefined;
  let declared = 0;
  let arrived = 0;
  const accept = (chunk: Uint8Array<ArrayBuffer>) => {
    arrived += chunk.length;
    if (arrived > declared) {
      throw new SyntaxError(
        `Cannot read ${name} as IDX: it must end after ${declared} values, as its header declares: bytes follow`,
      );
    }
    target.accept(chunk);
  };
  for await (const chunk of stream) {
    if (dimensions) {
      accept(chunk);
      continue;
    }
    pending = join(pending, chunk);
    dimensions = readHeader(pending, { name, limit });
    if (dimensions) {
      declared = dimensions.reduce((a, b) => a * b, 1);
      await target.open(dimensions);
      accept(pending.subarray(headerLength(dimensions.length)));
    }
  }
  if (!dimensions) {
    throw new SyntaxError(
      `Cannot read ${name} as IDX: it must hold a whole header: it ends after ${pending.length} bytes`,
    );
  }
  if (arrived < declared) {
    throw new SyntaxError(
      `Cannot read ${name} as IDX: it must hold ${declared} values, as its header declares: it ends after ${arrived}`,
    );
  }
  return dimensions;
}

/**
 * Reads an IDX file of unsigned bytes: `[0, 0, 8, rank]`, then each dimension
 * as a big-endian 32-bit integer, then the values.
 *
 * `name` is what errors call the file. No more is read than the header declares,
 * which may be `limit` values at most, 2³⁰ unless given, and no more is allocated
 * than twice what was read.
 *
 * Throws a `SyntaxError` where the magic is wrong, dimensions are absurd, or
 * the file is shorter or longer than its header says.
 *
 * Source: the format's description on the MNIST page, LeCun, Cortes and Burges.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readIdx } from "./idx.ts";
 *
 * const file = new Blob([Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 9)]);
 * const { dimensions, values } = await readIdx(file.stream(), "labels");
 * assertEquals(dimensions, [2]);
 * assertEquals(values, Uint8Array.of(7, 9));
 * ```
 */
export async function readIdx(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  name: string,
  { limit = MAX_IDX_BYTES }: { limit?: number } = {},
): Promise<IdxArray> {
  let declared = 0;
  let arrived = 0;
  let values = new Uint8Array(0);
  const dimensions = await streamIdx(stream, {
    name,
    limit,
    target: {
      open(dimensions) {
        declared = dimensions.reduce((a, b) => a * b, 1);
      },
      accept(chunk) {
        const end = arrived + chunk.length;
        if (end > values.length) {
          // Grown as it arrives, at most doubled: a header alone costs nothing.
          const larger = new Uint8Array(
            Math.min(declared, Math.max(end, 2 * values.length)),
          );
          larger.set(values.subarray(0, arrived));
          values = larger;
        }
        values.set(chunk, arrived);
        arrived = end;
      },
    },
  });
  return { dimensions, values };
}
