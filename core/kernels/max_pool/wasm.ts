import type * as tf from "../../tf.ts";
import { optionalMaskArguments } from "../drop_out/op.ts";
import { MASK_PARAMETERS, MASK_START } from "../wasm/dropout_mask.ts";
import { elementLoop, type Turn } from "../wasm/element_loop.ts";
import {
  heapFunctions,
  heapOffset,
  implementOnWasm,
  makeOutput,
} from "../wasm/heap.ts";
import { biasReluMaxPoolKernel, maxPoolScatterKernel } from "./op.ts";

/** Inputs of a window, row by row: the pointer to each. */
export function tapPointers([height, width]: number[]): string[] {
  return Array.from({ length: height * width }, (_, tap) => `$tap${tap}`);
}

/** Parameters that say where the windows of a pooling layer lie. */
const GEOMETRY = `(param $images i32) (param $rows i32) (param $columns i32)
  (param $channels i32) (param $imageBytes i32) (param $rowBytes i32)`;

/**
 * The text of a function over all windows of a pooling layer whose strides are
 * the windows' `size`, `[height, width]`: for each window, `body` for all
 * channels of a turn.
 *
 * The large tensor, `[n, h, w, c]`, is at `$whole`; its inputs in the window are
 * the pointers `tapPointers(size)`. `pooled` are pointers to tensors
 * `[n, h′, w′, c]`, `perChannel` to some of `[c]`.
 */
export function poolWindows(
  { name, size, pooled, perChannel = [], locals = "", dropout = false, body }: {
    name: string;
    size: number[];
    pooled: string[];
    perChannel?: string[];
    locals?: string;
    dropout?: boolean;
    body: (turn: Turn) => string;
  },
): string {
  const taps = tapPointers(size);
  const [height, width] = size;
  const place = taps.map((tap, number) => {
    const row = Math.floor(number / width);
    const column = number % width;
    return `(local.set ${tap} (i32.add (local.get $window) (i32.add
      (i32.mul (local.get $rowBytes) (i32.const ${row}))
      (i32.mul (local.get $pixelBytes) (i32.const ${column})))))`;
  });
  const own = perChannel.map((pointer) => `${pointer}Now`);
  return `(func (export "${name}") ${
    dropout ? MASK_PARAMETERS : ""
  } ${GEOMETRY} (param $whole i32)
    ${[...pooled, ...perChannel].map((each) => `(param ${each} i32)`).join(" ")}
    ${[...taps, ...own].map((each) => `(local ${each} i32)`).join(" ")}
    (local $pixelBytes i32) (local $band i32) (local $window i32)
    (local $row i32) (local $column i32) (local $count i32)
    ${locals} ${dropout ? MASK_START : ""}
    (local.set $pixelBytes (i32.shl (local.get $channels) (i32.const 2)))
    (block $allImages (loop $nextImage
      (br_if $allImages (i32.eqz (local.get $images)))
      (local.set $band (local.get $whole))
      (local.set $row (local.get $rows))
      (block $allRows (loop $nextRow
        (br_if $allRows (i32.eqz (local.get $row)))
        (local.set $window (local.get $band))
        (local.set $column (local.get $columns))
        (block $allColumns (loop $nextColumn
          (br_if $allColumns (i32.eqz (local.get $column)))
          ${place.join("\n")}
          ${
    perChannel.map((pointer, each) =>
      `(local.set ${own[each]} (local.get ${pointer}))`
    ).join("\n")
  }
          (local.set $count (local.get $channels))
          ${
    elementLoop({ pointers: [...taps, ...own, ...pooled], dropout, body })
  }
          ${
    dropout
      ? `(local.set $index (i64.add (local.get $index)
            (i64.extend_i32_u (local.get $channels))))`
      : ""
  }
          (local.set $window (i32.add (local.get $window)
            (i32.mul (local.get $pixelBytes) (i32.const ${width}))))
          (local.set $column (i32.sub (local.get $column) (i32.const 1)))
          (br $nextColumn)))
        (local.set $band (i32.add (local.get $band)
          (i32.mul (local.get $rowBytes) (i32.const ${height}))))
        (local.set $row (i32.sub (local.get $row) (i32.const 1)))
        (br $nextRow)))
      (local.set $whole (i32.add (local.get $whole) (local.get $imageBytes)))
      (local.set $images (i32.sub (local.get $images) (i32.const 1)))
      (br $nextImage))))`;
}

/** What a function of {@linkcode poolWindows} takes for its geometry, in its order. */
export function poolArguments(
  [images, height, width, channels]: number[],
  [windowHeight, windowWidth]: number[],
): number[] {
  return [
    images,
    Math.floor(height / windowHeight),
    Math.floor(width / windowWidth),
    channels,
    4 * height * width * channels,
    4 * width * channels,
  ];
}

/**
 * Leaves the largest of the taps in `$best` and its number in `$won`, the first
 * of equals. A NaN in any tap makes `$best` NaN: one in the first stays by
 * pmax's order, the others by `$unknown`.
 */
function findLargest(taps: string[], { load }: Turn): string {
  const [first, ...others] = taps;
  const steps = others.map((tap, index) => `
    (local.set $value ${load(tap)})
    (local.set $won (i32x4.max_s (local.get $won)
      (v128.and (f32x4.gt (local.get $value) (local.get $best))
        (i32x4.splat (i32.const ${index + 1})))))
    (local.set $best (f32x4.pmax (local.get $best) (local.get $value)))
    (local.set $unknown (v128.or (local.get $unknown)
      (f32x4.ne (local.get $value) (local.get $value))))`);
  return `
    (local.set $best ${load(first)})
    (local.set $won (v128.const i32x4 0 0 0 0))
    (local.set $unknown (v128.const i32x4 0 0 0 0))
    ${steps.join("")}
    (local.set $best (v128.or (local.get $best) (local.get $unknown)))`;
}

function wat(size: number[], dropout: boolean): string {
  const taps = tapPointers(size);
  const pool = poolWindows({
    name: "pool",
    size,
    pooled: ["$y", "$winner"],
    perChannel: ["$bias"],
    locals:
      "(local $best v128) (local $won v128) (local $value v128) (local $unknown v128)",
    dropout,
    body: (turn) => {
      const relu = `(f32x4.pmax
        (f32x4.add (local.get $best) ${turn.load("$biasNow")})
        (v128.const f32x4 0 0 0 0))`;
      return `
        ${findLargest(taps, turn)}
        ${turn.store("$winner", "(local.get $won)")}
        ${
        turn.store("$y", dropout ? `(f32x4.mul ${relu} ${turn.mask})` : relu)
      }`;
    },
  });
  return `(module (import "env" "memory" (memory 1)) ${pool})`;
}

const texts = new Map<string, string>();

/**
 * `wat`, made once for each kind: its identity is how its instance is found.
 */
function cachedWat(size: number[], dropout: boolean): string {
  const kind = `${size} ${dropout}`;
  const known = texts.get(kind);
  if (known) return known;
  const text = wat(size, dropout);
  texts.set(kind, text);
  return text;
}

/**
 * Kernel `RetortBiasReluMaxPool`: y = relu(max of each window of z + b) ⊙ m,
 * for z `[n, h, w, c]`, b `[c]` and windows of `size` side by side; and where
 * in its window each maximum was, row-major, the first of equals. Both are
 * `[n, h′, w′, c]`; m is the mask of `fillDropoutMask` under the attribute
 * `dropout`, or 1 without.
 */
export const biasReluMaxPool = implementOnWasm(
  biasReluMaxPoolKernel,
  (wasm, { z, bias }, { size, dropout }) => {
    const mask = optionalMaskArguments(dropout);
    const geometry = poolArguments(z.shape, size);
    const [images, rows, columns, channels] = geometry;
    const shape = [images, rows, columns, channels];
    const y = makeOutput(wasm, shape, "float32");
    const winner = makeOutput(wasm, shape, "int32");
    const text = cachedWat(size, mask !== undefined);
    heapFunctions(wasm, "bias_relu_max_pool", text).pool(
      ...(mask ?? []),
      ...geometry,
      heapOffset(wasm, z),
      heapOffset(wasm, y),
      heapOffset(wasm, winner),
      heapOffset(wasm, bias),
    );
    return [y, winner];
  },
);

function scatterWat(size: number[]): string {
  const scatter = poolWindows({
    name: "scatter",
    size,
    pooled: ["$g", "$winner"],
    locals: "(local $value v128) (local $won v128)",
    body: ({ load, store }) => `
      (local.set $value ${load("$g")})
      (local.set $won ${load("$winner")})
      ${
      tapPointers(size).map((tap, number) =>
        store(
          tap,
          `(v128.and (local.get $value) (i32x4.eq (local.get $won)
            (i32x4.splat (i32.const ${number}))))`,
        )
      ).join("\n")
    }`,
  });
  return `(module (import "env" "memory" (memory 1)) ${scatter})`;
}

const scatterTexts = new Map<string, string>();

/**
 * `scatterWat`, made once for each size: its identity is how its instance is found.
 */
function cachedScatterWat(size: number[]): string {
  const known = scatterTexts.get(String(size));
  if (known) return known;
  const text = scatterWat(size);
  scatterTexts.set(String(size), text);
  return text;
}

/**
 * dz `[n, h, w, c]` of `inputShape`: g at the winner of each window of `size` and 0
 * elsewhere, for g and winner `[n, h′, w′, c]`.
 */
export function scatterToWinners(
  wasm: tf.BackendWasm,
  { g, winner }: Record<"g" | "winner", tf.TensorInfo>,
  { inputShape, size }: {
    inputShape: [number, number, number, number];
    size: [number, number];
  },
): tf.TensorInfo {
  const geometry = poolArguments(inputShape, size);
  const [, rows, columns] = geometry;
  const dz = makeOutput(wasm, inputShape, "float32");
  if (rows * size[0] < inputShape[1] || columns * size[1] < inputShape[2]) {
    // The rows and columns that no window reaches.
    wasm.typedArrayFromHeap(dz).fill(0);
  }
  heapFunctions(wasm, "max_pool_scatter", cachedScatterWat(size)).scatter(
    ...geometry,
    heapOffset(wasm, dz),
    heapOffset(wasm, g),
    heapOffset(wasm, winner),
  );
  return dz;
}

/** Kernel `RetortMaxPoolScatter`: see `maxPoolScatter` of `op.ts`. */
export const maxPoolScatter = implementOnWasm(
  maxPoolScatterKernel,
  (wasm, inputs, attributes) => [scatterToWinners(wasm, inputs, attributes)],
);
