import type * as tf from "../../tf.ts";
import { optionalMaskArguments } from "../drop_out/op.ts";
import {
  advance,
  type Code,
  defineModule,
  exportFunction,
  f32x4,
  i32,
  i32x4,
  memoise,
  named,
  type Pointer,
  until,
  type Variables,
} from "../wasm/code.ts";
import { exportMasked, type Mask } from "../wasm/dropout_mask.ts";
import { elementLoop, type Turn } from "../wasm/element_loop.ts";
import {
  heapFunctions,
  heapOffset,
  implementOnWasm,
  makeOutput,
} from "../wasm/heap.ts";
import { biasReluMaxPoolKernel, maxPoolScatterKernel } from "./op.ts";

/** Parameters that say where the windows of a pooling layer lie, and the large tensor. */
const GEOMETRY = named(
  i32,
  "images",
  "rows",
  "columns",
  "channels",
  "imageBytes",
  "rowBytes",
  "whole",
);

/** Variables of the loops over windows. */
const WALK = named(
  i32,
  "pixelBytes",
  "band",
  "window",
  "row",
  "column",
  "count",
);

/**
 * The loops over all windows of a pooling layer whose strides are the windows' size,
 * `[height, width]`: for each window, `body` for all channels of a turn.
 *
 * The large tensor, `[n, h, w, c]`, is at `whole`; `taps` become its inputs in the
 * window, row by row. `pooled` are pointers to tensors `[n, h′, w′, c]`, `perChannel`
 * to one of `[c]`, with what moves over it.
 */
function overWindows(
  {
    images,
    rows,
    columns,
    channels,
    imageBytes,
    rowBytes,
    whole,
    pixelBytes,
    band,
    window,
    row,
    column,
    count,
  }: Variables<typeof GEOMETRY & typeof WALK>,
  { size: [height, width], taps, pooled, perChannel, mask, body }: {
    size: [number, number];
    taps: Pointer[];
    pooled: Pointer[];
    perChannel?: { from: Pointer; now: Pointer };
    mask?: Mask;
    body: (turn: Turn) => Code;
  },
): Code {
  const place = taps.map((tap, number) =>
    tap.set(
      window.add(
        rowBytes.mul(Math.floor(number / width))
          .add(pixelBytes.mul(number % width)),
      ),
    )
  );
  const own = perChannel ? [perChannel.now] : [];
  return [
    pixelBytes.set(channels.shl(2)),
    until(images.eqz(), [
      band.set(whole),
      row.set(rows),
      until(row.eqz(), [
        window.set(band),
        column.set(columns),
        until(column.eqz(), [
          place,
          perChannel ? perChannel.now.set(perChannel.from) : [],
          count.set(channels),
          elementLoop({
            pointers: [...taps, ...own, ...pooled],
            count,
            mask,
            body,
          }),
          mask ? mask.index.set(mask.index.add(channels.extendU())) : [],
          advance(window, pixelBytes.mul(width)),
          column.set(column.sub(1)),
        ]),
        advance(band, rowBytes.mul(height)),
        row.set(row.sub(1)),
      ]),
      advance(whole, imageBytes),
      images.set(images.sub(1)),
    ]),
  ];
}

/** What a function over windows takes for its geometry, in its order. */
function poolArguments(
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

const biasReluMaxPoolModule = memoise(
  ({ size, dropout }: { size: [number, number]; dropout: boolean }) =>
    defineModule("bias_relu_max_pool", () => [
      exportMasked(
        {
          name: "pool",
          dropout,
          parameters: { ...GEOMETRY, y: i32, winner: i32, bias: i32 },
        },
        (given, scope, begin) => {
          const { y, winner, bias } = given;
          const taps = scope.array("tap", size[0] * size[1], i32);
          const { now } = scope.locals({ now: i32 });
          const walk = scope.locals(WALK);
          const { best, won, value, unknown } = scope.locals({
            best: f32x4,
            won: i32x4,
            value: f32x4,
            unknown: i32x4,
          });
          const { mask, start } = begin();
          const [first, ...others] = taps;
          return [
            start,
            overWindows({ ...given, ...walk }, {
              size,
              taps,
              pooled: [y, winner],
              perChannel: { from: bias, now },
              mask,
              // The first of equals wins. A NaN in any tap makes the largest NaN:
              // one in the first stays by pmax's order, the others by `unknown`.
              body: ({ load, store, drop }) => [
                best.set(load(first)),
                won.set(i32x4.const(0)),
                unknown.set(i32x4.const(0)),
                others.map((tap, index) => [
                  value.set(load(tap)),
                  won.set(
                    won.maxS(
                      value.gt(best).and(i32x4.splat(i32.const(index + 1))),
                    ),
                  ),
                  best.set(best.pmax(value)),
                  unknown.set(unknown.or(value.ne(value))),
                ]),
                best.set(best.or(unknown)),
                store(winner, won),
                store(y, drop(best.add(load(now)).pmax(f32x4.const(0)))),
              ],
            }),
          ];
        },
      ),
    ]),
);

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
    const module = biasReluMaxPoolModule({ size, dropout: mask !== undefined });
    heapFunctions(wasm, module).pool(
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

const maxPoolScatterModule = memoise((size: [number, number]) =>
  defineModule("max_pool_scatter", () => [
    exportFunction(
      "scatter",
      { ...GEOMETRY, g: i32, winner: i32 },
      (given, scope) => {
        const { g, winner } = given;
        const taps = scope.array("tap", size[0] * size[1], i32);
        const walk = scope.locals(WALK);
        const { value, won } = scope.locals({ value: f32x4, won: i32x4 });
        return overWindows({ ...given, ...walk }, {
          size,
          taps,
          pooled: [g, winner],
          body: ({ load, loadIntegers, store }) => [
            value.set(load(g)),
            won.set(loadIntegers(winner)),
            taps.map((tap, number) =>
              store(
                tap,
                value.and(won.eq(i32x4.splat(i32.const(number)))),
              )
            ),
          ],
        });
      },
    ),
  ])
);

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
  heapFunctions(wasm, maxPoolScatterModule(size)).scatter(
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
