import type * as tf from "../../tf.ts";
import {
  type Conv2DAttributes,
  type Conv2DGeometry,
  conv2dGeometry,
  fillFrame,
  type Frame,
  frameBytes,
  gradientFrame,
  type HeapImages,
  heapImages,
  isBare,
  OVERREACH,
  type Shape4,
  shape4,
  sumFilterGradients,
} from "../conv2d/wasm_frames.ts";
import { hasRelaxedSimd } from "../wasm/assemble.ts";
import {
  advance,
  countDown,
  defineFunction,
  defineModule,
  exportFunction,
  f32x4,
  type HeapFunction,
  i32,
  memoise,
  named,
  range,
  store,
  storeLanes,
} from "../wasm/code.ts";
import type { GemmKernels } from "../wasm/gemm/gemm.ts";
import {
  heapFunctions,
  heapMemory,
  heapOffset,
  makeOutput,
  withWorkspace,
} from "../wasm/heap.ts";
import { assertAttributes, type Replacement } from "../wasm/replace_kernel.ts";

/** What the functions of a depthwise convolution are generated for. */
interface DepthwiseSpec {
  /** Rows and columns of a window. */
  window: [number, number];
  channels: number;
  /** Whether products are added by relaxed_madd. */
  fused: boolean;
}

/** Pixels at once: as many sums run side by side as hide an addition's latency. */
const PIXELS = 4;

/** Taps at once of a filter's gradient: their sums stay in registers. */
const TAPS = 10;

/** Channels as they lie in a packed filter: whole vectors, zeros at the end. */
function packedChannels(channels: number): number {
  return 4 * Math.ceil(channels / 4);
}

/** The place `[row, column]` of each tap of a window. */
function tapsOf([rows, columns]: [number, number]): [number, number][] {
  return range(rows).flatMap((row) =>
    range(columns).map((column): [number, number] => [row, column])
  );
}

/** A function over a row of windows, for four channels of which `lanes` exist. */
function defineStrip(
  { window, channels, fused }: DepthwiseSpec,
  lanes: number,
) {
  return defineFunction(
    `strip${lanes}`,
    named(i32, "from", "filter", "to", "columns", "columnStep", "rowBytes"),
    ({ from, filter, to, columns, columnStep, rowBytes }, scope) => {
      const places = scope.array("p", PIXELS, i32);
      const { w } = scope.locals({ w: f32x4 });
      const sums = scope.array("s", PIXELS, f32x4);
      const step = (pixel: number) => from.add(columnStep.mul(pixel));
      /** The sums of `pixels` neighbouring windows. */
      const sumWindows = (pixels: number) => {
        const own = sums.slice(0, pixels);
        return [
          own.map((sum, pixel) => [
            sum.set(f32x4.const(0)),
            places[pixel].set(step(pixel)),
          ]),
          range(window[0]).map((i) => [
            range(window[1]).map((j) => {
              const tap = i * window[1] + j;
              return [
                w.set(f32x4.load(filter, 4 * packedChannels(channels) * tap)),
                own.map((sum, pixel) => {
                  const x = f32x4.load(places[pixel], 4 * channels * j);
                  return sum.set(x.mulAdd(w, sum, fused));
                }),
              ];
            }),
            own.map((_, pixel) => advance(places[pixel], rowBytes)),
          ]),
          own.map((sum, pixel) =>
            storeLanes(to, sum, lanes, 4 * channels * pixel)
          ),
          from.set(step(pixels)),
          advance(to, 4 * channels * pixels),
        ];
      };
      return [
        countDown(columns, PIXELS, sumWindows(PIXELS)),
        countDown(columns, 1, sumWindows(1)),
      ];
    },
  );
}

function correlateFunction(
  { channels }: DepthwiseSpec,
  strips: ReturnType<typeof defineStrip>[],
) {
  const [whole, rest] = strips;
  return exportFunction(
    "correlate",
    named(
      i32,
      "from",
      "filter",
      "to",
      "rows",
      "columns",
      "rowStep",
      "columnStep",
      "rowBytes",
    ),
    (
      { from, filter, to, rows, columns, rowStep, columnStep, rowBytes },
      scope,
    ) => {
      const { at, w, out, left } = scope.locals(
        named(i32, "at", "w", "out", "left"),
      );
      const walk = {
        from: at,
        filter: w,
        to: out,
        columns,
        columnStep,
        rowBytes,
      };
      return countDown(rows, 1, [
        at.set(from),
        w.set(filter),
        out.set(to),
        left.set(i32.const(channels)),
        countDown(left, 4, [
          whole.call(walk),
          [at, w, out].map((pointer) => advance(pointer, 16)),
        ]),
        rest ? rest.call(walk) : [],
        advance(from, rowStep),
        advance(to, columns.mul(4 * channels)),
      ]);
    },
  );
}

function addGradientFunction({ window, channels, fused }: DepthwiseSpec) {
  const taps = tapsOf(window);
  const groups = range(Math.ceil(taps.length / TAPS)).map((group) =>
    taps.slice(group * TAPS, (group + 1) * TAPS)
  );
  const packed = packedChannels(channels);
  const offset = ([row, column]: [number, number]) =>
    4 * packed * (row * window[1] + column);
  return exportFunction(
    "addGradient",
    named(
      i32,
      "from",
      "dy",
      "filter",
      "rows",
      "columns",
      "rowStep",
      "columnStep",
      "rowBytes",
    ),
    (
      { from, dy, filter, rows, columns, rowStep, columnStep, rowBytes },
      scope,
    ) => {
      const { left, row, column, line, gradient } = scope.locals(
        named(i32, "left", "row", "column", "line", "gradient"),
      );
      const lines = scope.array("r", window[0], i32);
      const { g } = scope.locals({ g: f32x4 });
      const sums = scope.array("s", TAPS, f32x4);
      /** Adds one group of taps' products over all windows, for four channels. */
      const addTaps = (group: [number, number][]) => {
        const own = [...new Set(group.map(([row]) => row))];
        return [
          group.map((tap, index) =>
            sums[index].set(f32x4.load(filter, offset(tap)))
          ),
          line.set(from),
          gradient.set(dy),
          row.set(rows),
          countDown(row, 1, [
            own.map((i) => lines[i].set(line.add(rowBytes.mul(i)))),
            column.set(columns),
            countDown(column, 1, [
              g.set(f32x4.load(gradient)),
              group.map(([i, j], index) => {
                const x = f32x4.load(lines[i], 4 * channels * j);
                return sums[index].set(x.mulAdd(g, sums[index], fused));
              }),
              own.map((i) => advance(lines[i], columnStep)),
              advance(gradient, 4 * channels),
            ]),
            advance(line, rowStep),
          ]),
          group.map((tap, index) => store(filter, sums[index], offset(tap))),
        ];
      };
      return [
        left.set(i32.const(packed)),
        countDown(left, 4, [
          groups.map(addTaps),
          [from, dy, filter].map((pointer) => advance(pointer, 16)),
        ]),
      ];
    },
  );
}

/**
 * A module of two functions on one image, whose rows are `rowBytes` apart, and
 * whose windows lie `rowStep` bytes down and `columnStep` bytes across.
 *
 * `correlate`: writes to `to` y[v, u, c] = Σᵢ,ⱼ x[v·s + i, u·t + j, c] · w[i, j, c].
 * `addGradient`: adds to `filter` dw[i, j, c] = Σᵥ,ᵤ x[v·s + i, u·t + j, c] · dy[v, u, c].
 *
 * Filters are packed, `[kh, kw, packedChannels]`. Where channels are no multiple
 * of four, x and dy are read up to 12 bytes beyond their end. Loop order: rows of
 * windows and channels by 4, then windows; for the gradient channels by 4, taps
 * by 10, then windows.
 */
const depthwiseModule = memoise((spec: DepthwiseSpec) =>
  defineModule("depthwise", () => {
    const rest = spec.channels % 4;
    const strips = (rest ? [4, rest] : [4]).map((lanes) =>
      defineStrip(spec, lanes)
    );
    return [
      ...strips,
      correlateFunction(spec, strips),
      addGradientFunction(spec),
    ];
  })
);

/** The functions for windows of `window` on images of `channels`. */
function depthwiseKernels(
  backend: tf.BackendWasm,
  window: [number, number],
  channels: number,
): Record<"correlate" | "addGradient", HeapFunction> {
  const fused = hasRelaxedSimd();
  return heapFunctions(backend, depthwiseModule({ window, channels, fused }));
}

/** Windows of framed images, channel by channel. */
interface Correlation {
  images: HeapImages;
  frame: Frame;
  /** Rows and columns of a window. */
  window: [number, number];
  /** Distance between neighbouring windows, down and across. */
  strides: [number, number];
  /** Windows of an image, down and across. */
  output: [number, number];
  /** The filter `[kh, kw, c]`. */
  filter: Float32Array;
  /** Offset of the result `[count, …output, c]`. */
  result: number;
}

/** y[n, v, u, c] = Σᵢ,ⱼ frame[n, v·s + i, u·t + j, c] · filter[i, j, c]. */
export function correlate(
  backend: tf.BackendWasm,
  kernels: GemmKernels,
  { images, frame, window, strides, output, filter, result }: Correlation,
): void {
  const { channels, count } = images;
  const packed = packedChannels(channels);
  const taps = window[0] * window[1];
  const [down, across] = output;
  const size = frameBytes(images, frame);
  const inPlace = isBare(images, frame) && packed === channels;
  const rowBytes = 4 * frame.columns * channels;
  const { correlate } = depthwiseKernels(backend, window, channels);
  withWorkspace(
    backend,
    [4 * taps * packed, inPlace ? 0 : size + OVERREACH],
    (weights, framed) => {
      const { buffer } = heapMemory(backend);
      const target = new Float32Array(buffer, weights, taps * packed).fill(0);
      for (let tap = 0; tap < taps; tap++) {
        const from = tap * channels;
        target.set(filter.subarray(from, from + channels), tap * packed);
      }
      if (!inPlace) kernels.zero(framed, size + OVERREACH);
      for (let image = 0; image < count; image++) {
        if (!inPlace) fillFrame(kernels, images, image, frame, framed);
        correlate(
          inPlace ? images.offset + image * size : framed,
          weights,
          result + 4 * image * down * across * channels,
          down,
          across,
          strides[0] * rowBytes,
          4 * strides[1] * channels,
          rowBytes,
        );
      }
    },
  );
}

/**
 * y[n, v, u, c] = Σᵢ,ⱼ x[n, v·s + i, u·t + j, c] · w[i, j, c], x padded with zeros.
 *
 * x `[n, h, w, c]`, filter `[kh, kw, c, 1]` → `[n, h′, w′, c]`.
 */
export function depthwiseConv2d(
  backend: tf.BackendWasm,
  kernels: GemmKernels,
  { x, filter }: Record<"x" | "filter", tf.TensorInfo>,
  { input, filter: shape, output, strides, frame }: Conv2DGeometry,
): tf.TensorInfo {
  const y = makeOutput(backend, output, "float32");
  correlate(backend, kernels, {
    images: heapImages(backend, x, input),
    frame,
    window: [shape[0], shape[1]],
    strides,
    output: [output[1], output[2]],
    filter: Float32Array.from(backend.typedArrayFromHeap(filter)),
    result: heapOffset(backend, y),
  });
  return y;
}

/**
 * ∂L/∂x of a depthwise convolution: the output gradient, its pixels as far apart
 * as the windows, convolved with the filter flipped in both directions.
 *
 * dy `[n, h′, w′, c]`, filter `[kh, kw, c, 1]` → `[n, h, w, c]`.
 */
function depthwiseBackpropInput(
  backend: tf.BackendWasm,
  kernels: GemmKernels,
  { dy, filter }: Record<"dy" | "filter", tf.TensorInfo>,
  geometry: Conv2DGeometry,
): tf.TensorInfo {
  const { input, filter: [rows, columns, channels], output } = geometry;
  const dx = makeOutput(backend, input, "float32");
  const weights = backend.typedArrayFromHeap(filter);
  const last = rows * columns - 1;
  const flipped = new Float32Array(rows * columns * channels);
  for (let tap = 0; tap <= last; tap++) {
    const from = (last - tap) * channels;
    flipped.set(weights.subarray(from, from + channels), tap * channels);
  }
  correlate(backend, kernels, {
    images: heapImages(backend, dy, output),
    frame: gradientFrame(geometry),
    window: [rows, columns],
    strides: [1, 1],
    output: [input[1], input[2]],
    filter: flipped,
    result: heapOffset(backend, dx),
  });
  return dx;
}

/**
 * ∂L/∂w of a depthwise convolution: dw[i, j, c] = Σₙ,v,u x[n, v·s + i, u·t + j, c]
 * · dy[n, v, u, c], x padded with zeros.
 *
 * x `[n, h, w, c]`, dy `[n, h′, w′, c]` → `[kh, kw, c, 1]`.
 */
function depthwiseBackpropFilter(
  backend: tf.BackendWasm,
  kernels: GemmKernels,
  { x, dy }: Record<"x" | "dy", tf.TensorInfo>,
  geometry: Conv2DGeometry,
): tf.TensorInfo {
  const [rows, columns, channels] = geometry.filter;
  const [, down, across] = geometry.output;
  const dw = makeOutput(backend, [rows, columns, channels, 1], "float32");
  const { addGradient } = depthwiseKernels(backend, [rows, columns], channels);
  sumFilterGradients(backend, kernels, { x, dy, dw }, geometry, {
    rows: rows * columns,
    width: channels,
    packed: packedChannels(channels),
    overreaches: true,
    addGradient: (image, dy, sums, { rowStep, columnStep, rowBytes }) => {
      addGradient(image, dy, sums, down, across, rowStep, columnStep, rowBytes);
    },
  });
  return dw;
}

/** The attributes that tfjs passes to a depthwise convolution and its gradients. */
type DepthwiseAttributes = Omit<Conv2DAttributes, "dataFormat"> & {
  dilations: number | [number, number];
};

/** Whether windows have holes, or a channel makes several. */
function isUnusual(
  { dilations }: DepthwiseAttributes,
  filter: readonly number[],
): boolean {
  return filter[3] !== 1 || [dilations].flat().some((rate) => rate !== 1);
}

/** The geometry of the depthwise convolution of `input` by `filter`. */
function depthwiseGeometry(
  input: Shape4,
  [rows, columns, channels]: readonly number[],
  attributes: DepthwiseAttributes,
): Conv2DGeometry {
  const filter: Shape4 = [rows, columns, channels, channels];
  return conv2dGeometry(input, filter, { ...attributes, dataFormat: "NHWC" });
}

/** That of a gradient, which has no stock kernel to fall back on. */
function gradientGeometry(
  input: Shape4,
  filter: readonly number[],
  attributes: DepthwiseAttributes,
): Conv2DGeometry {
  if (isUnusual(attributes, filter)) {
    throw new RangeError(
      `Cannot differentiate a depthwise convolution on Wasm: it must be undilated, with one filter a channel: current value is a filter of [${
        filter.join(", ")
      }] with dilation ${attributes.dilations}: pass --backend cpu or webgpu`,
    );
  }
  return depthwiseGeometry(input, filter, attributes);
}

/** Kernel `DepthwiseConv2dNative`. */
export const depthwiseConv2dReplacement: Replacement = {
  compute: (backend, kernels, { x, filter }, attributes) => {
    assertAttributes<DepthwiseAttributes>(attributes, "strides", "pad");
    const geometry = depthwiseGeometry(
      shape4(x.shape),
      filter.shape,
      attributes,
    );
    return depthwiseConv2d(backend, kernels, { x, filter }, geometry);
  },
  keepsStock: (attributes, { filter }) => {
    assertAttributes<DepthwiseAttributes>(attributes, "dilations");
    return isUnusual(attributes, filter.shape);
  },
};

/** Kernel `DepthwiseConv2dNativeBackpropInput`, which tfjs's backend lacks. */
export const depthwiseBackpropInputReplacement: Replacement = {
  compute: (backend, kernels, { dy, filter }, attributes) => {
    assertAttributes<DepthwiseAttributes & { inputShape: Shape4 }>(
      attributes,
      "inputShape",
      "dilations",
    );
    const { inputShape } = attributes;
    const geometry = gradientGeometry(inputShape, filter.shape, attributes);
    return depthwiseBackpropInput(backend, kernels, { dy, filter }, geometry);
  },
};

/** Kernel `DepthwiseConv2dNativeBackpropFilter`, which tfjs's backend lacks. */
export const depthwiseBackpropFilterReplacement: Replacement = {
  compute: (backend, kernels, { x, dy }, attributes) => {
    assertAttributes<DepthwiseAttributes & { filterShape: Shape4 }>(
      attributes,
      "filterShape",
      "dilations",
    );
    const geometry = gradientGeometry(
      shape4(x.shape),
      attributes.filterShape,
      attributes,
    );
    return depthwiseBackpropFilter(backend, kernels, { x, dy }, geometry);
  },
};
