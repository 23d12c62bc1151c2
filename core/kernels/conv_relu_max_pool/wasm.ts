import * as tf from "../../tf.ts";
import { conv2dBackpropFilter, conv2dBackpropInput } from "../conv2d/wasm.ts";
import {
  type Conv2DGeometry,
  conv2dGeometry,
  fillFrame,
  frameBytes,
  heapImages,
  isBare,
  OVERREACH,
  shape4,
} from "../conv2d/wasm_frames.ts";
import { suitsWinograd } from "../conv2d/wasm_winograd.ts";
import { checkInputShape } from "../kernel.ts";
import { scatterToWinners } from "../max_pool/wasm.ts";
import { hasRelaxedSimd } from "../wasm/assemble.ts";
import { type GemmKernels, gemmKernels } from "../wasm/gemm/gemm.ts";
import {
  type HeapFunctions,
  heapMemory,
  heapOffset,
  implementOnWasm,
  makeOutput,
  textFunctions,
  withWorkspace,
} from "../wasm/heap.ts";
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
import { pooledConvGradientKernel } from "./op.ts";

/** What the gradients of a convolution before pooling are generated for. */
export interface PooledGradientSpec {
  /** Rows and columns of a window of the convolution. */
  window: [number, number];
  channels: number;
  /** Whether products are added by relaxed_madd. */
  fused: boolean;
}

/** Vectors of a filter at once: they stay in registers. */
const VECTORS = 12;

/** Vectors that hold a row of a window, the last of which may be filled up. */
export function vectorsOfRow(
  { window, channels }: Pick<PooledGradientSpec, "window" | "channels">,
): number {
  return Math.ceil(window[1] * channels / 4);
}

/** A vector of a filter: the row of the window, and the vector in the row. */
type Place = [row: number, vector: number];

/** The vectors of a filter in groups that fit into registers. */
function groupsOf(spec: PooledGradientSpec): Place[][] {
  const perRow = vectorsOfRow(spec);
  const places = range(spec.window[0]).flatMap((row) =>
    range(perRow).map((vector): Place => [row, vector])
  );
  // Whole rows where they fit.
  const size = perRow > VECTORS ? VECTORS : VECTORS - VECTORS % perRow;
  return range(Math.ceil(places.length / size)).map((group) =>
    places.slice(group * size, (group + 1) * size)
  );
}

/**
 * Writes the list of a filter's winners: bytes from an image's start to the
 * winner's window, and its gradient, where that isn't 0. Without a branch: which
 * units are active can't be foretold.
 */
const COLLECT = [
  set("end", get("list")),
  set("gNow", get("g")),
  set("wonNow", get("winner")),
  set("band", i32(0)),
  set("row", get("rows")),
  countDown(
    "row",
    "row",
    1,
    [
      set("position", get("band")),
      set("column", get("columns")),
      countDown(
        "column",
        "column",
        1,
        [
          set("value", `(f32.load ${get("gNow")})`),
          `(i32.store ${get("end")} ${
            add(
              get("position"),
              `(i32.load ${
                add(
                  get("table"),
                  `(i32.shl (i32.load ${get("wonNow")}) ${i32(2)})`,
                )
              })`,
            )
          })`,
          `(f32.store offset=4 ${get("end")} ${get("value")})`,
          advance(
            "end",
            `(i32.shl (f32.ne ${get("value")} (f32.const 0)) ${i32(3)})`,
          ),
          advance("gNow", get("filterStride")),
          advance("wonNow", get("filterStride")),
          advance("position", get("columnBytes")),
        ].join("\n"),
      ),
      advance("band", get("bandBytes")),
    ].join("\n"),
  ),
].join("\n");

/** `body` for every entry of the list, whose pointers to rows of `image` are set. */
function forEachEntry(
  label: string,
  image: string,
  group: Place[],
  body: string[],
): string {
  const rows = [...new Set(group.map(([row]) => row))];
  const pointers = rows.map((row) =>
    set(
      `r${row}`,
      row === rows[0]
        ? add(
          add(get(image), `(i32.load ${get("entry")})`),
          multiply(get("rowBytes"), i32(row)),
        )
        : add(get(`r${row - 1}`), get("rowBytes")),
    )
  );
  return [
    set("entry", get("list")),
    `(block $${label}End (loop $${label}
      (br_if $${label}End (i32.ge_u ${get("entry")} ${get("end")}))`,
    ...pointers,
    set("factor", `(v128.load32_splat offset=4 ${get("entry")})`),
    ...body,
    advance("entry", i32(8)),
    `(br $${label})))`,
  ].join("\n");
}

/** The address of a vector of a group, in an image. */
function inImage([row, vector]: Place): string {
  return `offset=${16 * vector} ${get(`r${row}`)}`;
}

/**
 * A module of one function, `gradients`, on one image whose rows are `rowBytes`
 * apart. Of its windows only some count: those that won a pool, `rows` × `columns`
 * for each of `filters`. The pool's (v, u) has gradient g[v, u, f] at `g`, and
 * its winner's number at `winner`, by which `table` tells where that window begins,
 * in bytes from the pool's first, at v·`bandBytes` + u·`columnBytes`.
 *
 * Adds to `dw`, packed `[f, kh, vectors, 4]`, Σᵥ,ᵤ g[v, u, f] · x[winner + (i, j, c)];
 * and, unless `dx` is 0, to dx[winner + (i, j, c)], g[v, u, f] · w[f, i, j, c], with
 * `w` packed alike and filled up with zeros. `list` has room for 8 bytes a pool.
 *
 * Both images are read, and dx written, up to 12 bytes beyond the end of a row.
 * Loop order: filters, vectors of the filter by 12, winners with a gradient.
 */
export function pooledGradientModule(spec: PooledGradientSpec): string {
  const { window, fused } = spec;
  const perRow = vectorsOfRow(spec);
  const bytes = 16 * perRow * window[0];
  const inFilter = ([row, vector]: Place, pointer: string) =>
    `offset=${16 * (row * perRow + vector)} ${get(pointer)}`;
  const ofFilter = groupsOf(spec).map((group, number) =>
    [
      ...group.map((place, index) =>
        set(`s${index}`, `(v128.load ${inFilter(place, "dw")})`)
      ),
      forEachEntry(
        `filter${number}`,
        "x",
        group,
        group.map((place, index) => {
          const x = `(v128.load ${inImage(place)})`;
          const sum = get(`s${index}`);
          return set(`s${index}`, multiplyAdd(x, get("factor"), sum, fused));
        }),
      ),
      ...group.map((place, index) =>
        `(v128.store ${inFilter(place, "dw")} ${get(`s${index}`)})`
      ),
    ].join("\n")
  );
  const ofInput = groupsOf(spec).map((group, number) =>
    [
      ...group.map((place, index) =>
        set(`s${index}`, `(v128.load ${inFilter(place, "w")})`)
      ),
      forEachEntry(
        `input${number}`,
        "dx",
        group,
        group.map((place, index) => {
          const sum = `(v128.load ${inImage(place)})`;
          const value = multiplyAdd(
            get(`s${index}`),
            get("factor"),
            sum,
            fused,
          );
          return `(v128.store ${inImage(place)} ${value})`;
        }),
      ),
    ].join("\n")
  );
  return `(module (import "env" "memory" (memory 1))
    (func (export "gradients")
      ${parameters("x", "dx", "g", "winner", "dw", "w", "list", "table")}
      ${parameters("filters", "rows", "columns")}
      ${parameters("bandBytes", "columnBytes", "rowBytes")}
      ${integers("filterStride", "end", "entry", "gNow", "wonNow")}
      ${integers("band", "position", "row", "column")}
      ${integers(...range(window[0]).map((row) => `r${row}`))}
      (local $value f32)
      ${vectors("factor", ...range(VECTORS).map((vector) => `s${vector}`))}
      ${set("filterStride", multiply(get("filters"), i32(4)))}
      ${
    countDown(
      "filter",
      "filters",
      1,
      `${COLLECT}
      ${ofFilter.join("\n")}
      (if ${get("dx")} (then ${ofInput.join("\n")}))
      ${advance("g", i32(4))}
      ${advance("winner", i32(4))}
      ${advance("dw", i32(bytes))}
      ${advance("w", i32(bytes))}`,
    )
  }))`;
}

const texts = new Map<string, string>();

/** The function `gradients` for windows of `window` on images of `channels`. */
function gradientsFunction(
  backend: tf.BackendWasm,
  window: [number, number],
  channels: number,
): HeapFunctions[string] {
  const fused = hasRelaxedSimd();
  const key = [...window, channels, fused].join();
  const text = texts.get(key) ??
    pooledGradientModule({ window, channels, fused });
  // Kept: the text's identity is how its instance is found.
  texts.set(key, text);
  return textFunctions(backend, "pooled_gradient", text).gradients;
}

/** A filter `[kh, kw, c, f]` and how it is packed: `[f, kh, row]`, rows filled up. */
interface FilterLayout {
  rows: number;
  run: number;
  filters: number;
  /** Numbers in a packed row. */
  packedRow: number;
}

/** Calls `visit` with the places of each weight: in the filter, and packed. */
function forEachWeight(
  { rows, run, filters, packedRow }: FilterLayout,
  visit: (plain: number, packed: number) => void,
): void {
  for (let row = 0; row < rows; row++) {
    for (let at = 0; at < run; at++) {
      for (let filter = 0; filter < filters; filter++) {
        visit(
          (row * run + at) * filters + filter,
          (filter * rows + row) * packedRow + at,
        );
      }
    }
  }
}

/** What the gradients of a convolution before pooling are computed of. */
export interface PooledConvolution {
  x: tf.TensorInfo;
  filter: tf.TensorInfo;
  /** ∂L/∂(winner of each pool) `[n, h″, w″, f]`. */
  g: tf.TensorInfo;
  /** Number of each winner in its pool, row by row. */
  winner: tf.TensorInfo;
}

/**
 * ∂L/∂W `[kh, kw, c, f]` and, if `withInput`, ∂L/∂x of a convolution whose result
 * was max-pooled by `pool`: only the windows that won, and whose gradient isn't 0,
 * are read. For 2×2 pools after relu that is an eighth of them, about.
 */
export function pooledConvGradient(
  backend: tf.BackendWasm,
  kernels: GemmKernels,
  { x, filter, g, winner }: PooledConvolution,
  { input, filter: shape, strides, frame }: Conv2DGeometry,
  pool: readonly number[],
  withInput: boolean,
): tf.TensorInfo[] {
  const [kernelRows, kernelColumns, channels, filters] = shape;
  const [count, , columns] = input;
  const [, down, across] = g.shape;
  const run = kernelColumns * channels;
  const window: [number, number] = [kernelRows, kernelColumns];
  const packedRow = 4 * vectorsOfRow({ window, channels });
  const layout = { rows: kernelRows, run, filters, packedRow };
  const images = heapImages(backend, x, input);
  const size = frameBytes(images, frame);
  const inPlace = isBare(images, frame) && run === packedRow;
  const rowBytes = 4 * frame.columns * channels;
  const step = [strides[0] * rowBytes, 4 * strides[1] * channels];
  const dw = makeOutput(backend, shape, "float32");
  const dx = withInput ? makeOutput(backend, input, "float32") : undefined;
  const gradient = dx ? heapOffset(backend, dx) : 0;
  const pooledBytes = 4 * down * across * filters;
  const packedBytes = 4 * filters * kernelRows * packedRow;
  const framed = inPlace ? 0 : size + OVERREACH;
  const gradients = gradientsFunction(backend, window, channels);
  if (dx && inPlace) kernels.zero(gradient, count * size);
  withWorkspace(
    backend,
    [
      packedBytes,
      packedBytes,
      8 * (down * across + 1),
      4 * pool[0] * pool[1],
      framed,
      dx ? framed : 0,
    ],
    (sums, weights, list, table, xFrame, dxFrame) => {
      const { buffer } = heapMemory(backend);
      new Int32Array(buffer, table, pool[0] * pool[1]).forEach(
        (_, number, offsets) => {
          const [row, column] = [
            Math.floor(number / pool[1]),
            number % pool[1],
          ];
          offsets[number] = row * step[0] + column * step[1];
        },
      );
      kernels.zero(sums, packedBytes);
      kernels.zero(weights, packedBytes);
      if (!inPlace) kernels.zero(xFrame, framed);
      const packed = new Float32Array(buffer, weights, packedBytes / 4);
      const plain = backend.typedArrayFromHeap(filter);
      forEachWeight(layout, (from, to) => packed[to] = plain[from]);
      for (let image = 0; image < count; image++) {
        if (!inPlace) fillFrame(kernels, images, image, frame, xFrame);
        if (dx && !inPlace) kernels.zero(dxFrame, framed);
        const inner = image * size;
        gradients(
          inPlace ? images.offset + inner : xFrame,
          !dx ? 0 : inPlace ? gradient + inner : dxFrame,
          heapOffset(backend, g) + image * pooledBytes,
          heapOffset(backend, winner) + image * pooledBytes,
          sums,
          weights,
          list,
          table,
          filters,
          down,
          across,
          pool[0] * step[0],
          pool[1] * step[1],
          rowBytes,
        );
        if (dx && !inPlace) {
          const pixel = 4 * channels;
          kernels.place(
            dxFrame + frame.top * rowBytes + frame.left * pixel,
            gradient + image * input[1] * columns * pixel,
            input[1],
            columns,
            pixel,
            rowBytes,
            columns * pixel,
            pixel,
          );
        }
      }
      const total = new Float32Array(buffer, sums, packedBytes / 4);
      const target = backend.typedArrayFromHeap(dw);
      forEachWeight(layout, (to, from) => target[to] = total[from]);
    },
  );
  return dx ? [dw, dx] : [dw];
}

/** Numbers of a filter above which it leaves the second-level cache, image by image. */
const LARGEST_FILTER = 65_536;

/**
 * Kernel `RetortPooledConvGrad`: the gradients of a convolution of x by a filter,
 * `[dw]` or, with `differentiateInput`, `[dw, dx]`, from the gradient g at the
 * winners of the pools that follow, `RetortBiasReluMaxPool`'s. Where filters are
 * large, or Winograd's way suits, all windows are taken instead.
 */
export const convReluMaxPoolGradient = implementOnWasm(
  pooledConvGradientKernel,
  (
    backend,
    { x, filter, g, winner },
    { stride, pad, pool, differentiateInput },
  ) => {
    const kernels = gemmKernels(backend);
    const geometry = conv2dGeometry(shape4(x.shape), shape4(filter.shape), {
      strides: [stride, stride],
      pad,
      dataFormat: "NHWC",
    });
    const [count, down, across, filters] = geometry.output;
    const pooled = [
      count,
      Math.floor(down / pool[0]),
      Math.floor(across / pool[1]),
      filters,
    ];
    checkInputShape("g", g, pooled);
    checkInputShape("winner", winner, pooled);
    const wide = tf.util.sizeFromShape(filter.shape) > LARGEST_FILTER ||
      suitsWinograd({
        window: geometry.filter.slice(0, 2),
        strides: geometry.strides,
        output: geometry.output.slice(1),
        channels: geometry.input[3],
      });
    if (!wide) {
      return pooledConvGradient(
        backend,
        kernels,
        { x, filter, g, winner },
        geometry,
        pool,
        differentiateInput,
      );
    }
    const dy = scatterToWinners(backend, { g, winner }, {
      inputShape: geometry.output,
      size: pool,
    });
    const dw = conv2dBackpropFilter(backend, kernels, { x, dy }, geometry);
    const dx = differentiateInput
      ? [conv2dBackpropInput(backend, kernels, { dy, filter }, geometry)]
      : [];
    backend.disposeData(dy.dataId);
    return [dw, ...dx];
  },
);
