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
import {
  advance,
  type Code,
  countDown,
  defineModule,
  exportFunction,
  f32,
  f32x4,
  type I32,
  i32,
  memoise,
  named,
  range,
  store,
  until,
  when,
} from "../wasm/code.ts";
import { type GemmKernels, gemmKernels } from "../wasm/gemm/gemm.ts";
import {
  heapFunctions,
  heapMemory,
  heapOffset,
  implementOnWasm,
  makeOutput,
  withWorkspace,
} from "../wasm/heap.ts";
import { pooledConvGradientKernel } from "./op.ts";

/** What the gradients of a convolution before pooling are generated for. */
interface PooledGradientSpec {
  /** Rows and columns of a window of the convolution. */
  window: [number, number];
  channels: number;
  /** Whether products are added by relaxed_madd. */
  fused: boolean;
}

/** Vectors of a filter at once: they stay in registers. */
const VECTORS = 12;

/** Vectors that hold a row of a window, the last of which may be filled up. */
function vectorsOfRow(
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

function gradientsFunction(spec: PooledGradientSpec) {
  const { window, fused } = spec;
  const perRow = vectorsOfRow(spec);
  const bytes = 16 * perRow * window[0];
  const inFilter = ([row, vector]: Place) => 16 * (row * perRow + vector);
  return exportFunction(
    "gradients",
    named(
      i32,
      "x",
      "dx",
      "g",
      "winner",
      "dw",
      "w",
      "list",
      "table",
      "filters",
      "rows",
      "columns",
      "bandBytes",
      "columnBytes",
      "rowBytes",
    ),
    (given, scope) => {
      const { x, dx, g, winner, dw, w, list, table, filters, rows } = given;
      const { columns, bandBytes, columnBytes, rowBytes } = given;
      const { filterStride, end, entry, gNow, wonNow } = scope.locals(
        named(i32, "filterStride", "end", "entry", "gNow", "wonNow"),
      );
      const { band, position, row, column } = scope.locals(
        named(i32, "band", "position", "row", "column"),
      );
      const lines = scope.array("r", window[0], i32);
      const { value, factor } = scope.locals({ value: f32, factor: f32x4 });
      const vectors = scope.array("s", VECTORS, f32x4);

      // Writes the list of a filter's winners: bytes from an image's start to the
      // winner's window, and its gradient, where that isn't 0. Without a branch:
      // which units are active can't be foretold.
      const collect = [
        end.set(list),
        gNow.set(g),
        wonNow.set(winner),
        band.set(i32.const(0)),
        row.set(rows),
        countDown(row, 1, [
          position.set(band),
          column.set(columns),
          countDown(column, 1, [
            value.set(f32.load(gNow)),
            store(
              end,
              position.add(
                i32.load(table.add(i32.load(wonNow).shl(2))),
              ),
            ),
            store(end, value, 4),
            advance(end, value.ne(f32.const(0)).shl(3)),
            advance(gNow, filterStride),
            advance(wonNow, filterStride),
            advance(position, columnBytes),
          ]),
          advance(band, bandBytes),
        ]),
      ];
      /** `body` for every entry of the list, whose pointers to rows of `image` are set. */
      const forEachEntry = (image: I32, group: Place[], body: Code) => {
        const own = [...new Set(group.map(([row]) => row))];
        return [
          entry.set(list),
          until(entry.geU(end), [
            own.map((row) =>
              lines[row].set(
                row === own[0]
                  ? image.add(i32.load(entry)).add(rowBytes.mul(row))
                  : lines[row - 1].add(rowBytes),
              )
            ),
            factor.set(f32x4.loadSplat(entry, 4)),
            body,
            advance(entry, 8),
          ]),
        ];
      };
      const ofFilter = groupsOf(spec).map((group) => [
        group.map((place, index) =>
          vectors[index].set(f32x4.load(dw, inFilter(place)))
        ),
        forEachEntry(
          x,
          group,
          group.map(([row, vector], index) => {
            const pixels = f32x4.load(lines[row], 16 * vector);
            const sum = vectors[index];
            return sum.set(pixels.mulAdd(factor, sum, fused));
          }),
        ),
        group.map((place, index) => store(dw, vectors[index], inFilter(place))),
      ]);
      const ofInput = groupsOf(spec).map((group) => [
        group.map((place, index) =>
          vectors[index].set(f32x4.load(w, inFilter(place)))
        ),
        forEachEntry(
          dx,
          group,
          group.map(([row, vector], index) => {
            const sum = f32x4.load(lines[row], 16 * vector);
            return store(
              lines[row],
              vectors[index].mulAdd(factor, sum, fused),
              16 * vector,
            );
          }),
        ),
      ]);
      return [
        filterStride.set(filters.mul(4)),
        countDown(filters, 1, [
          collect,
          ofFilter,
          when(dx, ofInput),
          advance(g, 4),
          advance(winner, 4),
          advance(dw, bytes),
          advance(w, bytes),
        ]),
      ];
    },
  );
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
const pooledGradientModule = memoise((spec: PooledGradientSpec) =>
  defineModule("pooled_gradient", () => [gradientsFunction(spec)])
);

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
interface PooledConvolution {
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
function pooledConvGradient(
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
  const { gradients } = heapFunctions(
    backend,
    pooledGradientModule({ window, channels, fused: hasRelaxedSimd() }),
  );
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
 * Kernel `RetortConvReluMaxPoolGradient`: the gradients of a convolution of x by a filter,
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
