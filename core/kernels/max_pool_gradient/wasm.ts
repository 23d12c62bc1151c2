import * as tf from "../../tf.ts";
import { shape4 } from "../conv2d/wasm_frames.ts";
import {
  advance,
  type Code,
  defineModule,
  exportFunction,
  f32x4,
  type I32,
  i32,
  i32x4,
  lesser,
  named,
  type Pointer,
  until,
} from "../wasm/code.ts";
import { elementLoop, type Turn } from "../wasm/element_loop.ts";
import { heapFunctions, heapOffset, makeOutput } from "../wasm/heap.ts";
import { assertAttributes, type Replacement } from "../wasm/replace_kernel.ts";

/** What the function takes beside pointers and padding, in its order. */
const GEOMETRY = named(
  i32,
  "batchSize",
  "inHeight",
  "inWidth",
  "inChannels",
  "outHeight",
  "outWidth",
  "strideHeight",
  "strideWidth",
  "dilationHeight",
  "dilationWidth",
  "effectiveFilterHeight",
  "effectiveFilterWidth",
);

/** `body` for `variable` from `first` while it is less than `end`, by `step`. */
function loop(
  variable: Pointer,
  { first = i32.const(0), end, step = 1 }: {
    first?: I32;
    end: I32;
    step?: I32 | number;
  },
  body: Code,
): Code {
  return [
    variable.set(first),
    until(variable.geS(end), [body, advance(variable, step)]),
  ];
}

/** A window along one axis: its number, and where it begins and ends. */
interface Span {
  index: I32;
  first: Pointer;
  end: Pointer;
}

/** Where a window begins and ends along one axis, padding left out. */
function clip(
  { index, first, end }: Span,
  { stride, pad, size, extent, dilation }: {
    stride: I32;
    pad: I32;
    size: I32;
    extent: I32;
    dilation: I32;
  },
): Code {
  return [
    first.set(index.mul(stride).sub(pad)),
    end.set(first.add(size)),
    end.set(lesser(end, extent)),
    until(first.geS(0), advance(first, dilation)),
  ];
}

const gradientModule = defineModule("max_pool_gradient", () => [
  exportFunction(
    "gradient",
    { x: i32, dy: i32, dx: i32, ...GEOMETRY, padTop: i32, padLeft: i32 },
    (given, scope) => {
      const { x, dy, dx, batchSize, inHeight, inWidth, inChannels } = given;
      const { image, outRow, outColumn, row, column, offset, tap } = scope
        .locals(
          named(
            i32,
            "image",
            "outRow",
            "outColumn",
            "row",
            "column",
            "offset",
            "tap",
          ),
        );
      const { firstHeight, endHeight, firstWidth, endWidth } = scope.locals(
        named(i32, "firstHeight", "endHeight", "firstWidth", "endWidth"),
      );
      const { xNow, dxNow, pixelBytes, imageBytes, count } = scope.locals(
        named(i32, "xNow", "dxNow", "pixelBytes", "imageBytes", "count"),
      );
      const { best, winner, value } = scope.locals({
        best: f32x4,
        winner: i32x4,
        value: f32x4,
      });
      /** For every input of the window, `offset` bytes from the image's start. */
      const forEachTap = (body: Code) =>
        loop(
          row,
          { first: firstHeight, end: endHeight, step: given.dilationHeight },
          loop(
            column,
            { first: firstWidth, end: endWidth, step: given.dilationWidth },
            [
              offset.set(pixelBytes.mul(column.add(row.mul(inWidth)))),
              body,
            ],
          ),
        );
      // Two passes over the window: which input is the first largest, then its
      // gradient.
      const passOn = ({ load, store }: Turn) => [
        best.set(f32x4.const("-inf")),
        winner.set(i32x4.const(-1)),
        forEachTap([
          tap.set(xNow.add(offset)),
          value.set(load(tap)),
          winner.set(
            value.gt(best).bitselect(i32x4.splat(offset), winner),
          ),
          best.set(best.pmax(value)),
        ]),
        value.set(load(dy)),
        forEachTap([
          tap.set(dxNow.add(offset)),
          store(
            tap,
            load(tap).add(value.and(winner.eq(i32x4.splat(offset)))),
          ),
        ]),
      ];
      const window = [
        clip({ index: outColumn, first: firstWidth, end: endWidth }, {
          stride: given.strideWidth,
          pad: given.padLeft,
          size: given.effectiveFilterWidth,
          extent: inWidth,
          dilation: given.dilationWidth,
        }),
        xNow.set(x),
        dxNow.set(dx),
        count.set(inChannels),
        elementLoop({ pointers: [xNow, dxNow, dy], count, body: passOn }),
      ];
      return [
        pixelBytes.set(inChannels.shl(2)),
        imageBytes.set(pixelBytes.mul(inHeight.mul(inWidth))),
        loop(image, { end: batchSize }, [
          loop(outRow, { end: given.outHeight }, [
            clip({ index: outRow, first: firstHeight, end: endHeight }, {
              stride: given.strideHeight,
              pad: given.padTop,
              size: given.effectiveFilterHeight,
              extent: inHeight,
              dilation: given.dilationHeight,
            }),
            loop(outColumn, { end: given.outWidth }, window),
          ]),
          advance(x, imageBytes),
          advance(dx, imageBytes),
        ]),
      ];
    },
  ),
]);

/** Where the windows of a pooling layer lie on its `[n, h, w, c]` input. */
interface PoolGeometry {
  batchSize: number;
  inHeight: number;
  inWidth: number;
  inChannels: number;
  outHeight: number;
  outWidth: number;
  strideHeight: number;
  strideWidth: number;
  dilationHeight: number;
  dilationWidth: number;
  effectiveFilterHeight: number;
  effectiveFilterWidth: number;
  padInfo: { top: number; left: number };
}

/**
 * ∂L/∂x of max-pooling: each output's gradient goes to the first largest input
 * of its window, and overlapping windows add up.
 *
 * x `[n, h, w, c]`, dy `[n, h′, w′, c]`; the result has the shape of x.
 */
function maxPoolGradient(
  backend: tf.BackendWasm,
  { x, dy }: { x: tf.TensorInfo; dy: tf.TensorInfo },
  geometry: PoolGeometry,
): tf.TensorInfo {
  const dx = makeOutput(backend, x.shape, "float32");
  backend.typedArrayFromHeap(dx).fill(0);
  heapFunctions(backend, gradientModule).gradient(
    ...[x, dy, dx].map((tensor) => heapOffset(backend, tensor)),
    geometry.batchSize,
    geometry.inHeight,
    geometry.inWidth,
    geometry.inChannels,
    geometry.outHeight,
    geometry.outWidth,
    geometry.strideHeight,
    geometry.strideWidth,
    geometry.dilationHeight,
    geometry.dilationWidth,
    geometry.effectiveFilterHeight,
    geometry.effectiveFilterWidth,
    geometry.padInfo.top,
    geometry.padInfo.left,
  );
  return dx;
}

/**
 * Kernel `MaxPoolGrad`. tfjs's own takes integers' bits for floats: it must not run
 * in their case.
 */
export const maxPoolGradientReplacement: Replacement = {
  compute: (backend, _, { input, dy }, attributes) => {
    assertAttributes<tf.MaxPoolGradAttrs>(attributes, "filterSize", "strides");
    const geometry = tf.backend_util.computePool2DInfo(
      shape4(input.shape),
      attributes.filterSize,
      attributes.strides,
      1,
      attributes.pad,
      attributes.dimRoundingMode,
    );
    return maxPoolGradient(backend, { x: input, dy }, geometry);
  },
  dropsStock: true,
};
