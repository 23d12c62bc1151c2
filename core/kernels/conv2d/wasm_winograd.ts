import type * as tf from "../../tf.ts";
import {
  advance,
  type Code,
  countDown,
  defineModule,
  type ExportedFunction,
  exportFunction,
  f32,
  type F32x4,
  f32x4,
  type HeapFunction,
  i32,
  memoise,
  named,
  range,
  type Statement,
  store,
  type Variable,
} from "../wasm/code.ts";
import type { GemmKernels } from "../wasm/gemm/gemm.ts";
import {
  heapFunctions,
  heapMemory,
  heapOffset,
  withWorkspace,
} from "../wasm/heap.ts";
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
  FEWEST_CHANNELS,
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

/** Makes the products of a matrix and a vector of vectors. */
function productsOf(
  matrix: Matrix,
  {
    constantOf,
    even,
    odd,
    fused,
  }: {
    constantOf: (value: number) => F32x4;
    even: Variable<F32x4>;
    odd: Variable<F32x4>;
    fused: boolean;
  },
) {
  /** Σ coefficient·vector: ones first, the others are added as they multiply. */
  const combine = (coefficients: readonly number[], vectors: F32x4[]) => {
    const [first, ...others] = range(vectors.length)
      .filter((index) => coefficients[index] !== 0)
      .sort((a, b) =>
        Number(coefficients[b] === 1) - Number(coefficients[a] === 1)
      );
    const start = coefficients[first] === 1
      ? vectors[first]
      : vectors[first].mul(constantOf(coefficients[first]));
    return others.reduce((sum, index) => {
      const value = coefficients[index];
      if (value === 1) return sum.add(vectors[index]);
      if (value === -1) return sum.sub(vectors[index]);
      return vectors[index].mulAdd(constantOf(value), sum, fused);
    }, start);
  };

  /**
   * `emit`s each row's product. Two rows that differ in the signs of some
   * coefficients only share their work: they are e + o and e − o.
   */
  return (
    vectors: F32x4[],
    emit: (row: number, value: F32x4) => Statement,
  ): Code => {
    const lines: Statement[] = [];
    for (let row = 0; row < matrix.length; row++) {
      const [own, next] = [matrix[row], matrix[row + 1]];
      if (
        next && own.every((value, k) => Math.abs(value) === Math.abs(next[k]))
      ) {
        const same = own.map((value, k) => value === next[k] ? value : 0);
        const other = own.map((value, k) => value === next[k] ? 0 : value);
        lines.push(
          even.set(combine(same, vectors)),
          odd.set(combine(other, vectors)),
          emit(row, even.add(odd)),
          emit(++row, even.sub(odd)),
        );
      } else {
        lines.push(emit(row, combine(own, vectors)));
      }
    }
    return lines;
  };
}

/**
 * A function `name` that writes Y = M·X·Mᵀ for `count` vectors of four tiles side by
 * side: M is `matrix` `[p, q]`, X `[q, q]`, Y `[p, p]`. Parameters: where X begins,
 * bytes between its rows and its columns, the same of Y, `count`.
 */
function tileTransform<Name extends string>(
  name: Name,
  matrix: Matrix,
  fused: boolean,
): ExportedFunction<Name> {
  const [p, q] = [matrix.length, matrix[0].length];
  const constants = constantsOf(matrix);
  return exportFunction(
    name,
    named(
      i32,
      "from",
      "fromRow",
      "fromColumn",
      "to",
      "toRow",
      "toColumn",
      "count",
    ),
    ({ from, fromRow, fromColumn, to, toRow, toColumn, count }, scope) => {
      const { at, left, top } = scope.locals({ at: i32, left: i32, top: i32 });
      const places = scope.array("s", p, i32);
      const { even, odd } = scope.locals({ even: f32x4, odd: f32x4 });
      const inputs = scope.array("x", q, f32x4);
      const k = scope.array("k", constants.length, f32x4);
      const halves = scope.array("h", p * q, f32x4);
      const multiply = productsOf(matrix, {
        constantOf: (value) => k[constants.indexOf(value)],
        even,
        odd,
        fused,
      });
      const columns = range(q).map((column) => [
        at.set(left),
        inputs.map((x) => [x.set(f32x4.load(at)), advance(at, fromRow)]),
        advance(left, fromColumn),
        multiply(inputs, (row, value) => halves[row * q + column].set(value)),
      ]);
      const rows = range(p).map((row) => [
        places.map((place, column) =>
          place.set(column === 0 ? top : places[column - 1].add(toColumn))
        ),
        multiply(
          halves.slice(row * q, (row + 1) * q),
          (column, value) => store(places[column], value),
        ),
        advance(top, toRow),
      ]);
      return [
        constants.map((value, index) =>
          k[index].set(f32x4.splat(f32.const(value)))
        ),
        countDown(count, 1, [
          left.set(from),
          top.set(to),
          columns,
          rows,
          advance(from, 16),
          advance(to, 16),
        ]),
      ];
    },
  );
}

/** What tiles become: `tileTransform` of a matrix each. */
const winogradModule = memoise((fused: boolean) =>
  defineModule("winograd", () => {
    const { input, filter, output } = winogradMatrices(POINTS);
    return [
      // Bᵀ·d·B of an input tile [6, 6].
      tileTransform("input", input, fused),
      // G·g·Gᵀ of a filter [3, 3].
      tileTransform("filter", filter, fused),
      // Aᵀ·m·A of products [6, 6]: outputs [4, 4].
      tileTransform("output", output, fused),
      // A·dy·Aᵀ of an output gradient [4, 4].
      tileTransform("outputGradient", transposed(output), fused),
      // Gᵀ·m·G of products [6, 6]: a filter gradient [3, 3].
      tileTransform("filterGradient", transposed(filter), fused),
    ];
  })
);

/** Products of a tile, and so planes: a plane holds one of every tile. */
const PLANES = INPUTS * INPUTS;

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
interface Tiling {
  /** Tiles of an image, down and across. */
  down: number;
  across: number;
  /** Rows of tiles, as many at once as the cache holds. */
  groups: TileRow[][];
  /** Tiles of the largest group. */
  most: number;
}

/** The tiles of `count` images' outputs, `[height, width]` each. */
function tileOutputs(
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
function frameOfTiles(frame: Frame, { down, across }: Tiling): Frame {
  return {
    ...frame,
    rows: down * OUTPUTS + TAPS - 1,
    columns: across * OUTPUTS + TAPS - 1,
  };
}

/** `[36, tiles, channels]` on the heap. */
interface Planes {
  offset: number;
  channels: number;
  /** Bytes from a plane to the next. */
  size: number;
}

/** Bytes of a plane of `tiles`, with the gap after it. */
function planeSize(tiles: number, channels: number): number {
  return 4 * tiles * channels + PLANE_GAP;
}

/** Framed images, to be read tile by tile. */
interface TiledImages {
  images: HeapImages;
  frame: Frame;
  /** Where an image that isn't its own frame is put, of `bufferBytes`. */
  buffer: number;
  /** Makes the planes of a tile. */
  transform: HeapFunction;
}

/** Bytes that images in `frame` need for a buffer. */
function bufferBytes(images: HeapImages, frame: Frame): number {
  return isBare(images, frame) ? 0 : frameBytes(images, frame);
}

/**
 * A function that transforms the tiles of a group into planes. Groups come in
 * order: the buffer holds one image at a time.
 */
function tileReader(
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
function tileWriter(
  kernels: GemmKernels,
  transform: HeapFunction,
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
  const winograd = heapFunctions(backend, winogradModule(kernels.fused));
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
  const winograd = heapFunctions(backend, winogradModule(kernels.fused));
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
