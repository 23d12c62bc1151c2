import type * as tf from "../../tf.ts";
import { hasRelaxedSimd } from "../wasm/assemble.ts";
import type { GemmKernels } from "../wasm/gemm/gemm.ts";
import {
  type HeapFunctions,
  heapMemory,
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
  lesser,
  multiply,
  multiplyAdd,
  parameters,
  range,
  set,
  subtract,
  vectors,
} from "../wasm/text.ts";
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
export interface NarrowSpec {
  /** Numbers in a row of a window. */
  run: number;
  /** Filters, at most {@linkcode MOST_FILTERS}. */
  filters: number;
  /** Whether products are added by relaxed_madd. */
  fused: boolean;
}

/** More filters than this don't fit into registers beside enough windows. */
export const MOST_FILTERS = 12;

/** Windows at once, by vectors of filters: fifteen registers hold all of a step. */
const WINDOWS = [0, 6, 4, 3];

const ZERO = "(v128.const i32x4 0 0 0 0)";

/** Filters as they lie in a packed matrix: whole vectors, zeros at the end. */
export function packedFilters(filters: number): number {
  return 4 * Math.ceil(filters / 4);
}

/** Adds the products of number `k` of a row of each window. */
function addProducts(
  { filters, fused }: NarrowSpec,
  windows: number,
  k: number,
): string {
  const width = packedFilters(filters) / 4;
  return [
    ...range(width).map((vector) => {
      const offset = 16 * (k * width + vector);
      return set(
        `w${vector}`,
        `(v128.load offset=${offset} ${get("weights")})`,
      );
    }),
    ...range(windows).flatMap((window) => [
      set("f", `(v128.load32_splat offset=${4 * k} ${get(`p${window}`)})`),
      ...range(width).map((vector) => {
        const sum = `s${window}_${vector}`;
        const w = get(`w${vector}`);
        return set(sum, multiplyAdd(get("f"), w, get(sum), fused));
      }),
    ]),
  ].join("\n");
}

/** Writes the filters of the window number `window`. */
function storeFilters(filters: number, window: number): string {
  return range(packedFilters(filters) / 4).flatMap((vector) => {
    const at = 4 * (window * filters + 4 * vector);
    const value = get(`s${window}_${vector}`);
    const lanes = Math.min(4, filters - 4 * vector);
    if (lanes === 4) {
      return `(v128.store offset=${at} ${get("target")} ${value})`;
    }
    return range(lanes).map((lane) =>
      `(v128.store32_lane offset=${at + 4 * lane} ${lane} ${
        get("target")
      } ${value})`
    );
  }).join("\n");
}

/** The sums of `windows` windows, the first of which is number `$first`. */
function sums(spec: NarrowSpec, windows: number): string {
  const { run, filters } = spec;
  const width = packedFilters(filters) / 4;
  const entry = add(get("table"), multiply(get("first"), i32(4)));
  const row = [
    ...range(run).map((k) => addProducts(spec, windows, k)),
    ...range(windows).map((window) => advance(`p${window}`, get("rowBytes"))),
    advance("weights", i32(16 * width * run)),
  ];
  return [
    ...range(windows).flatMap((window) => [
      set(
        `p${window}`,
        add(get("from"), `(i32.load offset=${4 * window} ${entry})`),
      ),
      ...range(width).map((vector) => set(`s${window}_${vector}`, ZERO)),
    ]),
    set("weights", get("filter")),
    set("row", get("rows")),
    countDown(`row${windows}`, "row", 1, row.join("\n")),
    set(
      "target",
      add(get("to"), multiply(get("first"), i32(4 * filters))),
    ),
    ...range(windows).map((window) => storeFilters(filters, window)),
  ].join("\n");
}

/**
 * A module of one function, `convolve`: for `count` windows, of `rows` rows that
 * are `rowBytes` apart, the first of which begins at `from` + `table`[n] bytes,
 * writes y[n, f] = Σₖ x[n, k] · w[k, f] to `to`; w, packed `[k, packedFilters]`, is at
 * `filter`.
 *
 * Loop order: windows by a few, k. The last few may overlap those before them.
 */
export function narrowModule(spec: NarrowSpec): string {
  const width = packedFilters(spec.filters) / 4;
  const windows = WINDOWS[width];
  const last = subtract(get("count"), i32(windows));
  const ahead = [
    set("first", lesser(get("next"), last)),
    sums(spec, windows),
    advance("next", i32(windows)),
  ];
  return `(module (import "env" "memory" (memory 1))
    (func (export "convolve")
      ${
    parameters("from", "table", "filter", "to", "count", "rows", "rowBytes")
  }
      ${integers("first", "next", "left", "weights", "row", "target")}
      ${integers(...range(windows).map((window) => `p${window}`))}
      ${
    vectors(
      "f",
      ...range(width).map((vector) => `w${vector}`),
      ...range(windows).flatMap((window) =>
        range(width).map((vector) => `s${window}_${vector}`)
      ),
    )
  }
      (if (i32.lt_s ${get("count")} ${i32(windows)})
        (then
          ${set("left", get("count"))}
          ${
    countDown(
      "single",
      "left",
      1,
      `${sums(spec, 1)} ${advance("first", i32(1))}`,
    )
  })
        (else
          ${set("left", add(get("count"), i32(windows - 1)))}
          ${countDown("several", "left", windows, ahead.join("\n"))}))))`;
}

/**
 * Numbers of a window's row at once, by vectors of filters: fifteen registers hold
 * their sums, a gradient and a factor.
 */
const NUMBERS = [0, 12, 6, 3];

/** Adds the products of some numbers of a window's row, over all windows. */
function addGroup(
  { filters, fused }: NarrowSpec,
  numbers: number[],
): string {
  const width = packedFilters(filters) / 4;
  const label = `${numbers[0]}`;
  const places = numbers.flatMap((number, index) =>
    range(width).map((vector) => ({
      sum: `s${index * width + vector}`,
      address: `offset=${16 * (number * width + vector)} ${get("dw")}`,
    }))
  );
  const window = [
    ...range(width).map((vector) =>
      set(`g${vector}`, `(v128.load offset=${16 * vector} ${get("gradient")})`)
    ),
    ...numbers.flatMap((number, index) => [
      set("f", `(v128.load32_splat offset=${4 * number} ${get("at")})`),
      ...range(width).map((vector) => {
        const sum = `s${index * width + vector}`;
        return set(
          sum,
          multiplyAdd(get("f"), get(`g${vector}`), get(sum), fused),
        );
      }),
    ]),
    advance("at", get("columnStep")),
    advance("gradient", i32(4 * filters)),
  ];
  const line = [
    set("at", get("line")),
    set("column", get("columns")),
    countDown(`column${label}`, "column", 1, window.join("\n")),
    advance("line", get("rowStep")),
  ];
  return [
    ...places.map(({ sum, address }) => set(sum, `(v128.load ${address})`)),
    set("line", get("x")),
    set("gradient", get("dy")),
    set("row", get("rows")),
    countDown(`row${label}`, "row", 1, line.join("\n")),
    ...places.map(({ sum, address }) => `(v128.store ${address} ${get(sum)})`),
  ].join("\n");
}

/**
 * A module of one function, `addGradient`, on one image whose rows are `rowBytes`
 * apart, with `rows` × `columns` windows of `kernelRows` rows, `rowStep` bytes down
 * and `columnStep` bytes across: adds to `dw`, packed `[kernelRows, run,
 * packedFilters]`, Σ x[window + (i, k)] · dy[window, f].
 *
 * dy is read up to 12 bytes beyond its end. Loop order: i, k by a few, windows.
 */
export function narrowGradientModule(spec: NarrowSpec): string {
  const { run, filters } = spec;
  const width = packedFilters(filters) / 4;
  const group = NUMBERS[width];
  const numbers = range(run);
  const groups = range(Math.ceil(run / group)).map((index) =>
    numbers.slice(index * group, (index + 1) * group)
  );
  const row = [
    ...groups.map((group) => addGroup(spec, group)),
    set("x", add(get("x"), get("rowBytes"))),
    advance("dw", i32(16 * width * run)),
  ];
  return `(module (import "env" "memory" (memory 1))
    (func (export "addGradient")
      ${parameters("x", "dy", "dw", "kernelRows", "rows", "columns")}
      ${parameters("rowStep", "columnStep", "rowBytes")}
      ${integers("row", "column", "line", "at", "gradient")}
      ${
    vectors(
      "f",
      ...range(width).map((vector) => `g${vector}`),
      ...range(group * width).map((sum) => `s${sum}`),
    )
  }
      ${countDown("kernelRow", "kernelRows", 1, row.join("\n"))}))`;
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

/** `generate`, whose text is made once for each spec: its identity is how its instance is found. */
function cacheTexts(
  generate: (spec: NarrowSpec) => string,
): (spec: NarrowSpec) => string {
  const texts = new Map<string, string>();
  return (spec) => {
    const key = [spec.run, spec.filters, spec.fused].join();
    const text = texts.get(key) ?? generate(spec);
    texts.set(key, text);
    return text;
  };
}

const convolutionText = cacheTexts(narrowModule);
const gradientText = cacheTexts(narrowGradientModule);

/** The function `convolve` for windows whose rows are `run` numbers long. */
export function narrowConvolution(
  backend: tf.BackendWasm,
  run: number,
  filters: number,
  fused: boolean = hasRelaxedSimd(),
): HeapFunctions[string] {
  const text = convolutionText({ run, filters, fused });
  return textFunctions(backend, "narrow", text).convolve;
}

/** The function `addGradient` for windows whose rows are `run` numbers long. */
export function narrowFilterGradient(
  backend: tf.BackendWasm,
  run: number,
  filters: number,
): HeapFunctions[string] {
  const text = gradientText({ run, filters, fused: hasRelaxedSimd() });
  return textFunctions(backend, "narrow_gradient", text).addGradient;
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
