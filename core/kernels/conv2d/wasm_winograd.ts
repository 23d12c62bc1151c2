import type * as tf from "../../tf.ts";
import type { GemmKernels } from "../wasm/gemm/gemm.ts";
import {
  type HeapFunctions,
  heapMemory,
  heapOffset,
  textFunctions,
  withWorkspace,
} from "../wasm/heap.ts";
import {
  advance,
  countDown,
  get,
  i32,
  integers,
  multiplyAdd,
  parameters,
  range,
  set,
  vectors,
} from "../wasm/text.ts";
import {
  type Conv2DGeometry,
  type Convolution,
  fillFrame,
  type Frame,
  frameBytes,
  type HeapImages,
  heapImages,
  isBare,
} from "./wasm_frames.ts";
import {
  INPUTS,
  type Matrix,
  OUTPUTS,
  POINTS,
  TAPS,
  transposed,
  winogradMatrices,
} from "./winograd_matrices.ts";

/** Numbers that multiply vectors, each in a local variable of its own. */
function constantsOf(matrix: Matrix): number[] {
  return [...new Set(matrix.flat())].filter((value) => value !== 0);
}

/** Writes the products of a matrix and a vector of vectors. */
function productsOf(matrix: Matrix, fused: boolean) {
  const constants = constantsOf(matrix);
  const constant = (value: number) => get(`k${constants.indexOf(value)}`);

  /** Σ coefficient·vector: ones first, the others are added as they multiply. */
  const combine = (coefficients: readonly number[], names: string[]) => {
    const order = range(names.length)
      .filter((index) => coefficients[index] !== 0)
      .sort((a, b) =>
        Number(coefficients[b] === 1) - Number(coefficients[a] === 1)
      );
    return order.reduce((sum, index) => {
      const value = coefficients[index];
      const x = get(names[index]);
      if (sum === "") {
        return value === 1 ? x : `(f32x4.mul ${x} ${constant(value)})`;
      }
      if (value === 1) return `(f32x4.add ${sum} ${x})`;
      if (value === -1) return `(f32x4.sub ${sum} ${x})`;
      return multiplyAdd(x, constant(value), sum, fused);
    }, "");
  };

  /**
   * `emit`s each row's product. Two rows that differ in the signs of some
   * coefficients only share their work: they are e + o and e − o.
   */
  return (names: string[], emit: (row: number, value: string) => string) => {
    const lines: string[] = [];
    for (let row = 0; row < matrix.length; row++) {
      const [own, next] = [matrix[row], matrix[row + 1]];
      if (
        next && own.every((value, k) => Math.abs(value) === Math.abs(next[k]))
      ) {
        const even = own.map((value, k) => value === next[k] ? value : 0);
        const odd = own.map((value, k) => value === next[k] ? 0 : value);
        lines.push(
          set("e", combine(even, names)),
          set("o", combine(odd, names)),
        );
        lines.push(emit(row, `(f32x4.add ${get("e")} ${get("o")})`));
        lines.push(emit(++row, `(f32x4.sub ${get("e")} ${get("o")})`));
      } else {
        lines.push(emit(row, combine(own, names)));
      }
    }
    return lines.join("\n");
  };
}

/**
 * A function `name` that writes Y = M·X·Mᵀ for `count` vectors of four tiles side by
 * side: M is `matrix` `[p, q]`, X `[q, q]`, Y `[p, p]`. Parameters: where X begins,
 * bytes between its rows and its columns, the same of Y, `count`.
 */
export function tileTransform(
  name: string,
  matrix: Matrix,
  fused: boolean,
): string {
  const [p, q] = [matrix.length, matrix[0].length];
  const multiply = productsOf(matrix, fused);
  const constants = constantsOf(matrix);
  const inputs = range(q).map((row) => `x${row}`);
  const half = (row: number, column: number) => `h${row}_${column}`;
  const columns = range(q).flatMap((column) => [
    set("at", get("left")),
    ...inputs.flatMap((x) => [
      set(x, `(v128.load ${get("at")})`),
      advance("at", get("fromRow")),
    ]),
    advance("left", get("fromColumn")),
    multiply(inputs, (row, value) => set(half(row, column), value)),
  ]);
  const rows = range(p).flatMap((row) => [
    ...range(p).map((column) =>
      set(
        `s${column}`,
        column === 0
          ? get("top")
          : `(i32.add ${get(`s${column - 1}`)} ${get("toColumn")})`,
      )
    ),
    multiply(
      range(q).map((column) => half(row, column)),
      (column, value) => `(v128.store ${get(`s${column}`)} ${value})`,
    ),
    advance("top", get("toRow")),
  ]);
  return `(func (export "${name}")
    ${parameters("from", "fromRow", "fromColumn", "to", "toRow", "toColumn")}
    (param $count i32)
    ${integers("at", "left", "top", ...range(p).map((column) => `s${column}`))}
    ${
    vectors(
      "e",
      "o",
      ...inputs,
      ...constants.map((_, index) => `k${index}`),
      ...range(p).flatMap((row) => range(q).map((column) => half(row, column))),
    )
  }
    ${
    constants.map((value, index) =>
      set(`k${index}`, `(f32x4.splat (f32.const ${value}))`)
    ).join("\n")
  }
    ${
    countDown(
      "vector",
      "count",
      1,
      [
        set("left", get("from")),
        set("top", get("to")),
        ...columns,
        ...rows,
        advance("from", i32(16)),
        advance("to", i32(16)),
      ].join("\n"),
    )
  })`;
}

/** What tiles become: `tileTransform` of a matrix each. */
interface WinogradKernels {
  /** Bᵀ·d·B of an input tile `[6, 6]`. */
  input: HeapFunctions[string];
  /** G·g·Gᵀ of a filter `[3, 3]`. */
  filter: HeapFunctions[string];
  /** Aᵀ·m·A of products `[6, 6]`: outputs `[4, 4]`. */
  output: HeapFunctions[string];
  /** A·dy·Aᵀ of an output gradient `[4, 4]`. */
  outputGradient: HeapFunctions[string];
  /** Gᵀ·m·G of products `[6, 6]`: a filter gradient `[3, 3]`. */
  filterGradient: HeapFunctions[string];
}

const texts = new Map<boolean, string>();

function winogradModule(fused: boolean): string {
  const known = texts.get(fused);
  if (known) return known;
  const { input, filter, output } = winogradMatrices(POINTS);
  const text = `(module (import "env" "memory" (memory 1))
    ${tileTransform("input", input, fused)}
    ${tileTransform("filter", filter, fused)}
    ${tileTransform("output", output, fused)}
    ${tileTransform("outputGradient", transposed(output), fused)}
    ${tileTransform("filterGradient", transposed(filter), fused)})`;
  texts.set(fused, text);
  return text;
}

/** The transforms of tiles, on the heap of `backend`. */
function winogradKernels(
  backend: tf.BackendWasm,
  fused: boolean,
): WinogradKernels {
  const { input, filter, output, outputGradient, filterGradient } =
    textFunctions(backend, "winograd", winogradModule(fused));
  return { input, filter, output, outputGradient, filterGradient };
}

/** Products of a tile, and so planes: a plane holds one of every tile. */
export const PLANES = INPUTS * INPUTS;

/**
 * Tiles at once, about: more would leave the second-level cache, fewer make short
 * products. The best of 18, 36, 54 and 72 with 32 and 64 channels and 1 MiB.
 */
const TILES = 72;

/** Bytes between planes: else all might share a few lines of a cache. */
const PLANE_GAP = 64;

/** A row of tiles of an image. */
interface TileRow {
  image: number;
  row: number;
}

/** Tiles of 4×4 outputs, of all images one after another. */
export interface Tiling {
  /** Tiles of an image, down and across. */
  down: number;
  across: number;
  /** Rows of tiles, as many at once as the cache holds. */
  groups: TileRow[][];
  /** Tiles of the largest group. */
  most: number;
}

/** The tiles of `count` images' outputs, `[height, width]` each. */
export function tileOutputs(
  count: number,
  [height, width]: readonly number[],
): Tiling {
  const [down, across] = [height, width].map((size) =>
    Math.ceil(size / OUTPUTS)
  );
  const size = Math.max(1, Math.floor(TILES / across));
  const groups: TileRow[][] = [];
  for (let index = 0; index < count * down; index++) {
    if (index % size === 0) groups.push([]);
    const [image, row] = [Math.floor(index / down), index % down];
    groups[groups.length - 1].push({ image, row });
  }
  return { down, across, groups, most: across * (groups[0]?.length ?? 0) };
}

/** `frame`, as large as the tiles of a convolution reach. */
export function frameOfTiles(frame: Frame, { down, across }: Tiling): Frame {
  return {
    ...frame,
    rows: down * OUTPUTS + TAPS - 1,
    columns: across * OUTPUTS + TAPS - 1,
  };
}

/** `[36, tiles, channels]` on the heap. */
export interface Planes {
  offset: number;
  channels: number;
  /** Bytes from a plane to the next. */
  size: number;
}

/** Bytes of a plane of `tiles`, with the gap after it. */
export function planeSize(tiles: number, channels: number): number {
  return 4 * tiles * channels + PLANE_GAP;
}

/** Framed images, to be read tile by tile. */
export interface TiledImages {
  images: HeapImages;
  frame: Frame;
  /** Where an image that isn't its own frame is put, of `bufferBytes`. */
  buffer: number;
  /** Makes the planes of a tile. */
  transform: HeapFunctions[string];
}

/** Bytes that images in `frame` need for a buffer. */
export function bufferBytes(images: HeapImages, frame: Frame): number {
  return isBare(images, frame) ? 0 : frameBytes(images, frame);
}

/**
 * A function that transforms the tiles of a group into planes. Groups come in
 * order: the buffer holds one image at a time.
 */
export function tileReader(
  kernels: GemmKernels,
  { images, frame, buffer, transform }: TiledImages,
  { across }: Tiling,
): (group: TileRow[], planes: Planes) => void {
  const size = frameBytes(images, frame);
  const bare = isBare(images, frame);
  if (!bare) kernels.zero(buffer, size);
  const pixel = 4 * images.channels;
  const rowBytes = frame.columns * pixel;
  let held = -1;
  return (group, planes) => {
    let to = planes.offset;
    for (const { image, row } of group) {
      if (!bare && held !== image) {
        fillFrame(kernels, images, image, frame, buffer);
        held = image;
      }
      let from = bare ? images.offset + image * size : buffer;
      from += row * OUTPUTS * rowBytes;
      for (let column = 0; column < across; column++) {
        transform(
          from,
          rowBytes,
          pixel,
          to,
          INPUTS * planes.size,
          planes.size,
          images.channels / 4,
        );
        from += OUTPUTS * pixel;
        to += pixel;
      }
    }
  };
}

/** A function that transforms a group's planes into tiles of `[…, height, width, channels]`. */
export function tileWriter(
  kernels: GemmKernels,
  transform: HeapFunctions[string],
  { offset, height, width, scratch }: {
    offset: number;
    height: number;
    width: number;
    /** Room for a tile that the image holds a part of only. */
    scratch: number;
  },
  { across }: Tiling,
): (group: TileRow[], planes: Planes) => void {
  return (group, { offset: first, size, channels }) => {
    const pixel = 4 * channels;
    let from = first;
    for (const { image, row } of group) {
      const y = row * OUTPUTS;
      const rows = Math.min(OUTPUTS, height - y);
      for (let column = 0; column < across; column++) {
        const x = column * OUTPUTS;
        const columns = Math.min(OUTPUTS, width - x);
        const whole = rows + columns === 2 * OUTPUTS;
        const to = offset + ((image * height + y) * width + x) * pixel;
        transform(
          from,
          INPUTS * size,
          size,
          whole ? to : scratch,
          (whole ? width : OUTPUTS) * pixel,
          pixel,
          channels / 4,
        );
        if (!whole) {
          const [apart, target] = [OUTPUTS * pixel, width * pixel];
          kernels.place(
            scratch,
            to,
            rows,
            columns,
            pixel,
            apart,
            target,
            pixel,
          );
        }
        from += pixel;
      }
    }
  };
}

/** Channels below which the transforms cost more than they spare. */
const FEWEST_CHANNELS = 16;

/** Share of the direct way's products above which the transforms don't pay. */
const LARGEST_SHARE = 0.5;

/** Whether the fast way can compute a convolution, and pays. */
export function suitsWinograd(
  { window, strides, output, channels }: {
    window: readonly number[];
    strides: readonly number[];
    /** `[h′, w′, f]`. */
    output: readonly number[];
    channels: number;
  },
): boolean {
  const [height, width, filters] = output;
  const { down, across } = tileOutputs(0, output);
  return [...window, ...strides].join() === "3,3,1,1" &&
    [channels, filters].every((count) =>
      count % 4 === 0 && count >= FEWEST_CHANNELS
    ) &&
    PLANES * down * across <=
      LARGEST_SHARE * TAPS * TAPS * height * width;
}

/**
 * What `convolve` computes, with a quarter of the multiplications: for every tile of
 * 4×4 outputs, y = Aᵀ·[Σ_c (G·g·Gᵀ) ⊙ (Bᵀ·d·B)]·A, the sums being 36 matrix products.
 *
 * Loop order: groups of tiles, then the inputs' transforms, products, and the
 * outputs' transforms.
 *
 * Source: Lavin and Gray, "Fast algorithms for convolutional neural networks",
 * CVPR 2016, F(4×4, 3×3).
 */
export function convolveWinograd(
  backend: tf.BackendWasm,
  kernels: GemmKernels,
  { images, frame, output, result, writeMatrix }: Convolution,
): void {
  const winograd = winogradKernels(backend, kernels.fused);
  const { channels } = images;
  const [height, width, filters] = output;
  const tiling = tileOutputs(images.count, output);
  const whole = frameOfTiles(frame, tiling);
  const taps = channels * filters;
  const packedPlane = 4 * channels * 8 * Math.ceil(filters / 8);
  const inputPlane = planeSize(tiling.most, channels);
  const productPlane = planeSize(tiling.most, filters);
  withWorkspace(backend, [
    4 * TAPS * TAPS * taps,
    4 * PLANES * taps,
    PLANES * packedPlane,
    PLANES * inputPlane,
    PLANES * productPlane,
    4 * tiling.most,
    bufferBytes(images, whole),
    4 * OUTPUTS * OUTPUTS * filters,
  ], (matrix, points, packed, inputs, products, table, buffer, scratch) => {
    const heap = heapMemory(backend).buffer;
    writeMatrix(new Float32Array(heap, matrix, TAPS * TAPS * taps));
    const rows = new Int32Array(heap, table, tiling.most);
    rows.forEach((_, tile) => rows[tile] = 4 * channels * tile);
    winograd.filter(
      matrix,
      4 * TAPS * taps,
      4 * taps,
      points,
      4 * INPUTS * taps,
      4 * taps,
      taps / 4,
    );
    for (let plane = 0; plane < PLANES; plane++) {
      const to = packed + plane * packedPlane;
      const from = points + 4 * plane * taps;
      kernels.along8(from, 4 * filters, channels, filters, to);
    }
    const read = tileReader(kernels, {
      images,
      frame: whole,
      buffer,
      transform: winograd.input,
    }, tiling);
    const write = tileWriter(kernels, winograd.output, {
      offset: result,
      height,
      width,
      scratch,
    }, tiling);
    for (const group of tiling.groups) {
      read(group, { offset: inputs, channels, size: inputPlane });
      for (let plane = 0; plane < PLANES; plane++) {
        kernels.rows(
          inputs + plane * inputPlane,
          table,
          0,
          1,
          channels,
          packed + plane * packedPlane,
          products + plane * productPlane,
          4 * filters,
          group.length * tiling.across,
          filters,
          0,
        );
      }
      write(group, { offset: products, channels: filters, size: productPlane });
    }
  });
}

/**
 * ∂L/∂W of a 2-D convolution by 3×3 filters, with a quarter of the
 * multiplications: dW = Gᵀ·[Σ_tiles (Bᵀ·d·B) ⊙ (A·dy·Aᵀ)]·G, the sums being 36 matrix
 * products `[c, tiles]`·`[tiles, f]`.
 *
 * It is the gradient of what `convolveWinograd` computes. Loop order: groups of
 * tiles, then the transforms of x and of dy, and products, which add up.
 */
export function filterGradientWinograd(
  backend: tf.BackendWasm,
  kernels: GemmKernels,
  { x, dy, dw }: Record<"x" | "dy" | "dw", tf.TensorInfo>,
  { input, output, frame }: Conv2DGeometry,
): void {
  const winograd = winogradKernels(backend, kernels.fused);
  const [count, height, width, filters] = output;
  const images = heapImages(backend, x, input);
  const gradients = heapImages(backend, dy, output);
  const { channels } = images;
  const tiling = tileOutputs(count, [height, width]);
  const wholeInput = frameOfTiles(frame, tiling);
  const wholeOutput = {
    rows: tiling.down * OUTPUTS,
    columns: tiling.across * OUTPUTS,
    top: 0,
    left: 0,
    down: 1,
    across: 1,
  };
  const taps = channels * filters;
  const inputPlane = planeSize(tiling.most, channels);
  const gradientPlane = planeSize(tiling.most, filters);
  withWorkspace(backend, [
    4 * PLANES * taps,
    PLANES * inputPlane,
    PLANES * gradientPlane,
    4 * tiling.most * (filters + 7),
    bufferBytes(images, wholeInput),
    bufferBytes(gradients, wholeOutput),
  ], (sums, inputs, factors, packed, inputBuffer, gradientBuffer) => {
    kernels.zero(sums, 4 * PLANES * taps);
    const readInput = tileReader(kernels, {
      images,
      frame: wholeInput,
      buffer: inputBuffer,
      transform: winograd.input,
    }, tiling);
    const readGradient = tileReader(kernels, {
      images: gradients,
      frame: wholeOutput,
      buffer: gradientBuffer,
      transform: winograd.outputGradient,
    }, tiling);
    for (const group of tiling.groups) {
      const tiles = group.length * tiling.across;
      readInput(group, { offset: inputs, channels, size: inputPlane });
      readGradient(group, {
        offset: factors,
        channels: filters,
        size: gradientPlane,
      });
      for (let plane = 0; plane < PLANES; plane++) {
        const factor = factors + plane * gradientPlane;
        kernels.along8(factor, 4 * filters, tiles, filters, packed);
        kernels.columns(
          inputs + plane * inputPlane,
          16,
          4 * channels,
          0,
          1,
          tiles,
          packed,
          sums + 4 * plane * taps,
          4 * filters,
          channels,
          filters,
          1,
        );
      }
    }
    winograd.filterGradient(
      sums,
      4 * INPUTS * taps,
      4 * taps,
      heapOffset(backend, dw),
      4 * TAPS * taps,
      4 * taps,
      taps / 4,
    );
  });
}
