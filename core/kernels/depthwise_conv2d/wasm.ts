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
import type { GemmKernels } from "../wasm/gemm/gemm.ts";
import {
  type HeapFunctions,
  heapMemory,
  heapOffset,
  makeOutput,
  textFunctions,
  withWorkspace,
} from "../wasm/heap.ts";
import { assertAttributes, type Replacement } from "../wasm/replace_kernel.ts";
import {
  add,
  advance,
  countDown,
  get,
  i32,
  integers,
  multiply,
  multiplyAdd,
  parameters,
  range,
  set,
  vectors,
} from "../wasm/text.ts";

/** What the functions of a depthwise convolution are generated for. */
export interface DepthwiseSpec {
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

const ZERO = "(v128.const i32x4 0 0 0 0)";

/** Channels as they lie in a packed filter: whole vectors, zeros at the end. */
export function packedChannels(channels: number): number {
  return 4 * Math.ceil(channels / 4);
}

/** The place `[row, column]` of each tap of a window. */
function tapsOf([rows, columns]: [number, number]): [number, number][] {
  return range(rows).flatMap((row) =>
    range(columns).map((column): [number, number] => [row, column])
  );
}

/** Writes the first `lanes` lanes of `value` at `pointer`. */
function store(
  pointer: string,
  offset: number,
  value: string,
  lanes: number,
): string {
  if (lanes === 4) return `(v128.store offset=${offset} ${pointer} ${value})`;
  return range(lanes).map((lane) =>
    `(v128.store32_lane offset=${
      offset + 4 * lane
    } ${lane} ${pointer} ${value})`
  ).join("\n");
}

/** The sums of `pixels` neighbouring windows for four channels. */
function sums(spec: DepthwiseSpec, pixels: number, lanes: number): string {
  const { window, channels, fused } = spec;
  const packed = packedChannels(channels);
  const at = (pixel: number) => `p${pixel}`;
  const step = (pixel: number) =>
    add(get("from"), multiply(get("columnStep"), i32(pixel)));
  const row = (i: number) =>
    range(window[1]).map((j) => {
      const tap = i * window[1] + j;
      return [
        set("w", `(v128.load offset=${4 * packed * tap} ${get("filter")})`),
        ...range(pixels).map((pixel) => {
          const x = `(v128.load offset=${4 * channels * j} ${get(at(pixel))})`;
          const sum = get(`s${pixel}`);
          return set(`s${pixel}`, multiplyAdd(x, get("w"), sum, fused));
        }),
      ].join("\n");
    });
  return [
    ...range(pixels).flatMap((pixel) => [
      set(`s${pixel}`, ZERO),
      set(at(pixel), step(pixel)),
    ]),
    ...range(window[0]).flatMap((i) => [
      ...row(i),
      ...range(pixels).map((pixel) => advance(at(pixel), get("rowBytes"))),
    ]),
    ...range(pixels).map((pixel) =>
      store(get("to"), 4 * channels * pixel, get(`s${pixel}`), lanes)
    ),
    set("from", step(pixels)),
    advance("to", i32(4 * channels * pixels)),
  ].join("\n");
}

const STRIP = ["from", "filter", "to", "columns", "columnStep", "rowBytes"];

/** A function over a row of windows, for four channels of which `lanes` exist. */
function strip(spec: DepthwiseSpec, lanes: number): string {
  return `(func $strip${lanes} ${parameters(...STRIP)}
    ${integers(...range(PIXELS).map((pixel) => `p${pixel}`))}
    ${vectors("w", ...range(PIXELS).map((pixel) => `s${pixel}`))}
    ${countDown("wide", "columns", PIXELS, sums(spec, PIXELS, lanes))}
    ${countDown("single", "columns", 1, sums(spec, 1, lanes))})`;
}

/** Adds one group of taps' products over all windows, for four channels. */
function addTaps(spec: DepthwiseSpec, taps: [number, number][]): string {
  const { window, channels, fused } = spec;
  const packed = packedChannels(channels);
  const rows = [...new Set(taps.map(([row]) => row))];
  const offset = ([row, column]: [number, number]) =>
    4 * packed * (row * window[1] + column);
  const pixel = [
    set("g", `(v128.load ${get("gradient")})`),
    ...taps.map(([row, column], tap) => {
      const x = `(v128.load offset=${4 * channels * column} ${get(`r${row}`)})`;
      return set(`s${tap}`, multiplyAdd(x, get("g"), get(`s${tap}`), fused));
    }),
    ...rows.map((row) => advance(`r${row}`, get("columnStep"))),
    advance("gradient", i32(4 * channels)),
  ];
  const line = [
    ...rows.map((row) =>
      set(`r${row}`, add(get("line"), multiply(get("rowBytes"), i32(row))))
    ),
    set("column", get("columns")),
    countDown(`column${offset(taps[0])}`, "column", 1, pixel.join("\n")),
    advance("line", get("rowStep")),
  ];
  return [
    ...taps.map((tap, index) =>
      set(`s${index}`, `(v128.load offset=${offset(tap)} ${get("filter")})`)
    ),
    set("line", get("from")),
    set("gradient", get("dy")),
    set("row", get("rows")),
    countDown(`row${offset(taps[0])}`, "row", 1, line.join("\n")),
    ...taps.map((tap, index) =>
      store(get("filter"), offset(tap), get(`s${index}`), 4)
    ),
  ].join("\n");
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
export function depthwiseModule(spec: DepthwiseSpec): string {
  const { window, channels } = spec;
  const taps = tapsOf(window);
  const groups = range(Math.ceil(taps.length / TAPS)).map((group) =>
    taps.slice(group * TAPS, (group + 1) * TAPS)
  );
  const rest = channels % 4;
  const call = (lanes: number) =>
    `(call $strip${lanes} ${get("at")} ${get("w")} ${get("out")}
      ${get("columns")} ${get("columnStep")} ${get("rowBytes")})`;
  const vector = [
    call(4),
    ...["at", "w", "out"].map((p) => advance(p, i32(16))),
  ];
  const row = [
    set("at", get("from")),
    set("w", get("filter")),
    set("out", get("to")),
    set("left", i32(channels)),
    countDown("vector", "left", 4, vector.join("\n")),
    rest ? call(rest) : "",
    advance("from", get("rowStep")),
    advance("to", multiply(get("columns"), i32(4 * channels))),
  ];
  const walk = ["rows", "columns", "rowStep", "columnStep", "rowBytes"];
  const gathered = [
    ...groups.map((group) => addTaps(spec, group)),
    ...["from", "dy", "filter"].map((pointer) => advance(pointer, i32(16))),
  ];
  return `(module (import "env" "memory" (memory 1))
    ${
    [4, ...(rest ? [rest] : [])].map((lanes) => strip(spec, lanes)).join("\n")
  }
    (func (export "correlate") ${parameters("from", "filter", "to", ...walk)}
      ${integers("at", "w", "out", "left")}
      ${countDown("row", "rows", 1, row.join("\n"))})
    (func (export "addGradient") ${parameters("from", "dy", "filter", ...walk)}
      ${integers("left", "row", "column", "line", "gradient")}
      ${integers(...range(window[0]).map((i) => `r${i}`))}
      ${vectors("g", ...range(TAPS).map((tap) => `s${tap}`))}
      ${set("left", i32(packedChannels(channels)))}
      ${countDown("vector", "left", 4, gathered.join("\n"))}))`;
}

/** The functions of `depthwiseModule`, whose parameters are bytes and counts. */
export interface DepthwiseKernels {
  /** Convolves one framed image. */
  correlate: HeapFunctions[string];
  /** Adds one framed image's share of the filter's gradient. */
  addGradient: HeapFunctions[string];
}

const texts = new Map<string, string>();

/** The functions for windows of `window` on images of `channels`. */
export function depthwiseKernels(
  backend: tf.BackendWasm,
  window: [number, number],
  channels: number,
): DepthwiseKernels {
  const fused = hasRelaxedSimd();
  const key = [...window, channels, fused].join();
  const text = texts.get(key) ?? depthwiseModule({ window, channels, fused });
  // Kept: the text's identity is how its instance is found.
  texts.set(key, text);
  const { correlate, addGradient } = textFunctions(backend, "depthwise", text);
  return { correlate, addGradient };
}

/** Windows of framed images, channel by channel. */
export interface Correlation {
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
export function depthwiseBackpropInput(
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
export function depthwiseBackpropFilter(
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
