import type * as tf from "../../tf.ts";
import { hasRelaxedSimd } from "../wasm/assemble.ts";
import {
  advance,
  countDown,
  defineModule,
  exportFunction,
  f32x4,
  type HeapFunction,
  i32,
  lesser,
  memoise,
  named,
  range,
  store,
  storeLanes,
  when,
} from "../wasm/code.ts";
import type { GemmKernels } from "../wasm/gemm/gemm.ts";
import { heapFunctions, heapMemory, withWorkspace } from "../wasm/heap.ts";
import { writeWindowTable } from "./wasm_direct.ts";
import {
  type Conv2DGeometry,
  type Convolution,
  fillFrame,
  frameBytes,
  isBare,
  sumFilterGradients,
} from "./wasm_frames.ts";

/** What a convolution with few filters is generated for. */
interface NarrowSpec {
  /** Numbers in a row of a window. */
  run: number;
  /** Filters, at most {@linkcode MOST_FILTERS}. */
  filters: number;
  /** Whether products are added by relaxed_madd. */
  fused: boolean;
}

/** More filters than this don't fit into registers beside enough windows. */
const MOST_FILTERS = 12;

/** Windows at once, by vectors of filters: fifteen registers hold all of a step. */
const WINDOWS = [0, 6, 4, 3];

/** Filters as they lie in a packed matrix: whole vectors, zeros at the end. */
function packedFilters(filters: number): number {
  return 4 * Math.ceil(filters / 4);
}

/**
 * A module of one function, `convolve`: for `count` windows, of `rows` rows that
 * are `rowBytes` apart, the first of which begins at `from` + `table`[n] bytes,
 * writes y[n, f] = Σₖ x[n, k] · w[k, f] to `to`; w, packed `[k, packedFilters]`, is at
 * `filter`.
 *
 * Loop order: windows by a few, k. The last few may overlap those before them.
 */
const narrowModule = memoise((spec: NarrowSpec) =>
  defineModule("narrow", () => [convolveFunction(spec)])
);

function convolveFunction({ run, filters, fused }: NarrowSpec) {
  const width = packedFilters(filters) / 4;
  const windows = WINDOWS[width];
  return exportFunction(
    "convolve",
    named(i32, "from", "table", "filter", "to", "count", "rows", "rowBytes"),
    ({ from, table, filter, to, count, rows, rowBytes }, scope) => {
      const { first, next, left, weights, row, target } = scope.locals(
        named(i32, "first", "next", "left", "weights", "row", "target"),
      );
      const pointers = scope.array("p", windows, i32);
      const { factor } = scope.locals({ factor: f32x4 });
      const w = scope.array("w", width, f32x4);
      const allSums = scope.array("s", windows * width, f32x4);

      /** The sums of `many` windows, the first of which is number `first`. */
      const sumWindows = (many: number) => {
        const places = pointers.slice(0, many);
        const sums = places.map((_, window) =>
          allSums.slice(window * width, (window + 1) * width)
        );
        /** Adds the products of number `k` of a row of each window. */
        const addProducts = (k: number) => [
          w.map((each, vector) =>
            each.set(f32x4.load(weights, 16 * (k * width + vector)))
          ),
          places.map((place, window) => [
            factor.set(f32x4.loadSplat(place, 4 * k)),
            sums[window].map((sum, vector) =>
              sum.set(factor.mulAdd(w[vector], sum, fused))
            ),
          ]),
        ];
        const entry = table.add(first.mul(4));
        return [
          places.map((place, window) => [
            place.set(from.add(i32.load(entry, 4 * window))),
            sums[window].map((sum) => sum.set(f32x4.const(0))),
          ]),
          weights.set(filter),
          row.set(rows),
          countDown(row, 1, [
            range(run).map(addProducts),
            places.map((place) => advance(place, rowBytes)),
            advance(weights, 16 * width * run),
          ]),
          target.set(to.add(first.mul(4 * filters))),
          sums.map((own, window) =>
            own.map((sum, vector) =>
              storeLanes(
                target,
                sum,
                Math.min(4, filters - 4 * vector),
                4 * (window * filters + 4 * vector),
              )
            )
          ),
        ];
      };
      return when(count.ltS(windows), [
        left.set(count),
        countDown(left, 1, [sumWindows(1), advance(first, 1)]),
      ], [
        left.set(count.add(windows - 1)),
        countDown(left, windows, [
          first.set(lesser(next, count.sub(windows))),
          sumWindows(windows),
          advance(next, windows),
        ]),
      ]);
    },
  );
}

/**
 * Numbers of a window's row at once, by vectors of filters: fifteen registers hold
 * their sums, a gradient and a factor.
 */
const NUMBERS = [0, 12, 6, 3];

/**
 * A module of one function, `addGradient`, on one image whose rows are `rowBytes`
 * apart, with `rows` × `columns` windows of `kernelRows` rows, `rowStep` bytes down
 * and `columnStep` bytes across: adds to `dw`, packed `[kernelRows, run,
 * packedFilters]`, Σ x[window + (i, k)] · dy[window, f].
 *
 * dy is read up to 12 bytes beyond its end. Loop order: i, k by a few, windows.
 */
const narrowGradientModule = memoise((spec: NarrowSpec) =>
  defineModule("narrow_gradient", () => [addGradientFunction(spec)])
);

function addGradientFunction({ run, filters, fused }: NarrowSpec) {
  const width = packedFilters(filters) / 4;
  const most = NUMBERS[width];
  const groups = range(Math.ceil(run / most)).map((index) =>
    range(run).slice(index * most, (index + 1) * most)
  );
  return exportFunction(
    "addGradient",
    named(
      i32,
      "x",
      "dy",
      "dw",
      "kernelRows",
      "rows",
      "columns",
      "rowStep",
      "columnStep",
      "rowBytes",
    ),
    (given, scope) => {
      const { x, dy, dw, kernelRows, rows, columns } = given;
      const { rowStep, columnStep, rowBytes } = given;
      const { row, column, line, at, gradient } = scope.locals(
        named(i32, "row", "column", "line", "at", "gradient"),
      );
      const { factor } = scope.locals({ factor: f32x4 });
      const g = scope.array("g", width, f32x4);
      const allSums = scope.array("s", most * width, f32x4);
      /** Adds the products of some numbers of a window's row, over all windows. */
      const addGroup = (numbers: number[]) => {
        const sums = allSums.slice(0, numbers.length * width);
        const offset = (index: number) => 16 * (numbers[0] * width + index);
        return [
          sums.map((sum, index) => sum.set(f32x4.load(dw, offset(index)))),
          line.set(x),
          gradient.set(dy),
          row.set(rows),
          countDown(row, 1, [
            at.set(line),
            column.set(columns),
            countDown(column, 1, [
              g.map((each, vector) =>
                each.set(f32x4.load(gradient, 16 * vector))
              ),
              numbers.map((number, index) => [
                factor.set(f32x4.loadSplat(at, 4 * number)),
                g.map((each, vector) => {
                  const sum = sums[index * width + vector];
                  return sum.set(factor.mulAdd(each, sum, fused));
                }),
              ]),
              advance(at, columnStep),
              advance(gradient, 4 * filters),
            ]),
            advance(line, rowStep),
          ]),
          sums.map((sum, index) => store(dw, sum, offset(index))),
        ];
      };
      return countDown(kernelRows, 1, [
        groups.map(addGroup),
        x.set(x.add(rowBytes)),
        advance(dw, 16 * width * run),
      ]);
    },
  );
}

/** Numbers in a row of a window above which its text would get too long. */
const LONGEST_RUN = 128;

/** Numbers of a filter matrix above which it leaves the first-level cache. */
const LARGEST_MATRIX = 6144;

/** Whether a convolution has few enough filters to be one of these. */
export function isNarrow(
  { rows, run, filters }: { rows: number; run: number; filters: number },
): boolean {
  return filters <= MOST_FILTERS && run <= LONGEST_RUN &&
    rows * run * filters <= LARGEST_MATRIX;
}

/** The function `convolve` for windows whose rows are `run` numbers long. */
export function narrowConvolution(
  backend: tf.BackendWasm,
  run: number,
  filters: number,
  fused: boolean = hasRelaxedSimd(),
): HeapFunction {
  return heapFunctions(backend, narrowModule({ run, filters, fused })).convolve;
}

/** The function `addGradient` for windows whose rows are `run` numbers long. */
function narrowFilterGradient(
  backend: tf.BackendWasm,
  run: number,
  filters: number,
): HeapFunction {
  const module = narrowGradientModule({
    run,
    filters,
    fused: hasRelaxedSimd(),
  });
  return heapFunctions(backend, module).addGradient;
}

/** Windows at once, about: enough to fill the registers, few enough for the cache. */
const GROUP_WINDOWS = 512;

/**
 * What `convolve` computes, where so few numbers are made of each window that a
 * vector of filters and several windows fit into registers: nothing is packed but
 * the filter.
 *
 * Loop order: groups of images, windows by a few, then along the window.
 */
export function convolveNarrow(
  backend: tf.BackendWasm,
  kernels: GemmKernels,
  convolution: Convolution,
): void {
  const { images, frame, window, output, result, writeMatrix } = convolution;
  const [down, across, filters] = output;
  const run = window[1] * images.channels;
  const depth = window[0] * run;
  const windows = down * across;
  const group = Math.min(
    images.count,
    Math.ceil(GROUP_WINDOWS / Math.max(1, windows)),
  );
  const packed = packedFilters(filters);
  const inPlace = isBare(images, frame);
  const size = frameBytes(images, frame);
  const framed = inPlace ? 0 : group * size;
  const convolve = narrowConvolution(backend, run, filters);
  withWorkspace(
    backend,
    [4 * depth * packed, 4 * group * windows, framed],
    (matrix, table, frames) => {
      const { buffer } = heapMemory(backend);
      const plain = new Float32Array(depth * filters);
      writeMatrix(plain);
      const padded = new Float32Array(buffer, matrix, depth * packed).fill(0);
      for (let k = 0; k < depth; k++) {
        const row = plain.subarray(k * filters, (k + 1) * filters);
        padded.set(row, k * packed);
      }
      writeWindowTable(
        new Int32Array(buffer, table, group * windows),
        convolution,
      );
      if (!inPlace) kernels.zero(frames, framed);
      for (let first = 0; first < images.count; first += group) {
        const count = Math.min(group, images.count - first);
        for (let index = 0; !inPlace && index < count; index++) {
          const to = frames + index * size;
          fillFrame(kernels, images, first + index, frame, to);
        }
        convolve(
          inPlace ? images.offset + first * size : frames,
          table,
          matrix,
          result + 4 * first * windows * filters,
          count * windows,
          window[0],
          4 * frame.columns * images.channels,
        );
      }
    },
  );
}

/**
 * Writes to `dw` what `conv2dBackpropFilter` returns, where filters are few: sums
 * for some of a window's numbers stay in registers while all windows pass by.
 *
 * Loop order: images, i, (j, c) by a few, v, u.
 */
export function filterGradientNarrow(
  backend: tf.BackendWasm,
  kernels: GemmKernels,
  tensors: Record<"x" | "dy" | "dw", tf.TensorInfo>,
  geometry: Conv2DGeometry,
): void {
  const [kernelRows, kernelColumns, channels, filters] = geometry.filter;
  const [, down, across] = geometry.output;
  const run = kernelColumns * channels;
  const addGradient = narrowFilterGradient(backend, run, filters);
  sumFilterGradients(backend, kernels, tensors, geometry, {
    rows: kernelRows * run,
    width: filters,
    packed: packedFilters(filters),
    overreaches: false,
    addGradient: (image, dy, sums, { rowStep, columnStep, rowBytes }) => {
      addGradient(
        image,
        dy,
        sums,
        kernelRows,
        down,
        across,
        rowStep,
        columnStep,
        rowBytes,
      );
    },
  });
}
