import {
  advance,
  clearBytes,
  type Code,
  copyBytes,
  countDown,
  countUp,
  defineFunction,
  defineModule,
  either,
  exportFunction,
  f32,
  type F32x4,
  f32x4,
  type I32,
  i32,
  type Lane,
  type Lanes,
  lesser,
  memoise,
  named,
  type Pointer,
  range,
  type Scope,
  select,
  type Statement,
  store,
  type Variable,
  type Variables,
  type WasmFunction,
  when,
} from "../code.ts";

/** Rows of the tile of C that a micro-kernel holds in registers. */
const TILE_ROWS = 4;

/** Columns of the widest tile: eight sums of products are eight registers. */
const TILE_COLUMNS = 8;

/** Vectors in a row of a tile. */
type Width = 1 | 2;

/** The parameters that say how A is walked, and where B is. */
const WALK = named(i32, "jump", "segments", "length", "b");

/** The parameters that say where C is. */
const RESULT = named(i32, "c", "stride", "rows", "columns", "accumulate");

/**
 * The parameters of kernels for A along its rows: four pointers, so that one load
 * serves four steps of k.
 */
const ROWS = { a: i32, table: i32, ...WALK, ...RESULT };

/** Those for A at four neighbouring rows of one k: one pointer. */
const COLUMNS = { a: i32, tile: i32, step: i32, ...WALK, ...RESULT };

/** Writes, or adds, number `at` of a row. */
function putNumber(
  { c, columns, accumulate }: Record<"c" | "columns" | "accumulate", I32>,
  vector: F32x4,
  at: number,
): Code {
  const value = vector.lane(lane(at % 4));
  const sum = f32.load(c, 4 * at).add(value);
  return when(
    columns.gtS(at),
    store(c, either(f32, accumulate, sum, value), 4 * at),
  );
}

function lane(index: number): Lane {
  if (index === 0 || index === 1 || index === 2 || index === 3) return index;
  throw new RangeError(`A vector has no lane ${index}`);
}

/** Writes, or adds, four numbers of a row, if it has them, else those it has. */
function putVector(
  result: Record<"c" | "columns" | "accumulate", I32>,
  vector: F32x4,
  index: number,
): Code {
  const { c, columns, accumulate } = result;
  const sum = f32x4.load(c, 16 * index).add(vector);
  return when(
    columns.geS(4 * index + 4),
    store(c, either(f32x4, accumulate, sum, vector), 16 * index),
    range(4).map((lane) => putNumber(result, vector, 4 * index + lane)),
  );
}

/** A function that writes, or adds, the first `columns` numbers of a tile's row. */
interface PutRow extends WasmFunction {
  put(
    result: Record<"c" | "columns" | "accumulate", I32>,
    row: F32x4[],
  ): Statement;
}

const PUT = { c: i32, columns: i32, accumulate: i32 };

function definePut(width: Width): PutRow {
  if (width === 1) {
    const { text, call } = defineFunction(
      "put4",
      { ...PUT, t0: f32x4 },
      ({ t0, ...result }) => putVector(result, t0, 0),
    );
    return { text, put: (result, [t0]) => call({ ...result, t0 }) };
  }
  const { text, call } = defineFunction(
    "put8",
    { ...PUT, t0: f32x4, t1: f32x4 },
    ({ t0, t1, ...result }) => [
      putVector(result, t0, 0),
      putVector(result, t1, 1),
    ],
  );
  return { text, put: (result, [t0, t1]) => call({ ...result, t0, t1 }) };
}

/** Variables of a micro-kernel. */
interface Tile {
  /** Where a row of the packed B is. */
  at: Pointer;
  segment: Pointer;
  left: Pointer;
  row: Pointer;
  last: Pointer;
  /** The tile of C, row by row. */
  sums: Variable<F32x4>[][];
  /** A row of B. */
  rowOfB: Variable<F32x4>[];
  /** A number of A in all lanes. */
  factor: Variable<F32x4>;
  fused: boolean;
}

/** tile += a·b for one k: row r's factor in all lanes is `factorOf(r)`. */
function addProducts(
  { sums, rowOfB, factor, fused }: Tile,
  factorOf: (row: number) => F32x4,
): Code {
  return sums.map((row, index) => [
    factor.set(factorOf(index)),
    row.map((sum, column) =>
      sum.set(factor.mulAdd(rowOfB[column], sum, fused))
    ),
  ]);
}

function loadB({ at, rowOfB }: Tile, k: number): Code {
  return rowOfB.map((vector, column) =>
    vector.set(f32x4.load(at, 16 * (k * rowOfB.length + column)))
  );
}

/** The tile's sums over k, A read along four rows. */
function sumOverRows(
  { a, table, jump, length }: Variables<typeof ROWS>,
  tile: Tile,
  { pointers, quads }: { pointers: Pointer[]; quads: Variable<F32x4>[] },
): Code {
  const { at, segment, left, row, last, rowOfB } = tile;
  const width = rowOfB.length;
  const quad = [
    quads.map((quad, index) => quad.set(f32x4.load(pointers[index]))),
    range(4).map((k) => [
      loadB(tile, k),
      addProducts(tile, (row) => quads[row].splatLane(k)),
    ]),
    pointers.map((pointer) => advance(pointer, 16)),
    advance(at, 64 * width),
  ];
  const single = [
    loadB(tile, 0),
    addProducts(tile, (row) => f32x4.loadSplat(pointers[row])),
    pointers.map((pointer) => advance(pointer, 4)),
    advance(at, 16 * width),
  ];
  return [
    // The last row may be repeated.
    pointers.map((pointer, index) =>
      pointer.set(
        a.add(i32.load(table.add(lesser(row.add(index), last).mul(4)))),
      )
    ),
    countDown(segment, 1, [
      left.set(length),
      countDown(left, 4, quad),
      countDown(left, 1, single),
      pointers.map((pointer) => advance(pointer, jump)),
    ]),
  ];
}

/** The tile's sums over k, A read four neighbouring rows at a time. */
function sumOverColumns(
  { a, tile: tileBytes, step, jump, length }: Variables<typeof COLUMNS>,
  tile: Tile,
  { from, four }: { from: Pointer; four: Variable<F32x4> },
): Code {
  const { at, segment, left, rowOfB } = tile;
  const width = rowOfB.length;
  const oneStep = (k: number) => [
    four.set(f32x4.load(from)),
    loadB(tile, k),
    addProducts(tile, (row) => four.splatLane(row)),
    advance(from, step),
  ];
  return [
    from.set(a),
    countDown(segment, 1, [
      left.set(length),
      countDown(left, 2, [oneStep(0), oneStep(1), advance(at, 32 * width)]),
      countDown(left, 1, [oneStep(0), advance(at, 16 * width)]),
      advance(from, jump),
    ]),
    advance(a, tileBytes),
  ];
}

/** tile + what C holds, if `accumulate`, written where rows and columns exist. */
function storeTile(
  result: Record<"c" | "stride" | "columns" | "accumulate", Pointer>,
  height: I32,
  { sums, rowOfB }: Tile,
  { put }: PutRow,
): Code {
  const { c, stride, columns, accumulate } = result;
  const whole = (adds: boolean) =>
    sums.map((row) => [
      row.map((sum, column) =>
        store(
          c,
          adds ? f32x4.load(c, 16 * column).add(sum) : sum,
          16 * column,
        )
      ),
      advance(c, stride),
    ]);
  return when(
    height.add(columns).eq(TILE_ROWS + 4 * rowOfB.length),
    when(accumulate, whole(true), whole(false)),
    sums.map((row, index) =>
      when(height.gtS(index), [
        put({ c, columns, accumulate }, row),
        advance(c, stride),
      ])
    ),
  );
}

/** What is the same in both layouts of A. */
interface MicroKernelSpec {
  width: Width;
  /** Whether products are added by relaxed_madd. */
  fused: boolean;
  put: PutRow;
}

const LOCALS = named(i32, "row", "last", "height", "at", "segment", "left");

/** The loop over tiles, whose sums are `sum`. */
function overTiles(
  given: Variables<typeof WALK & typeof RESULT>,
  { row, last, height, at, segment }: Variables<typeof LOCALS>,
  { tile, sum, put }: { tile: Tile; sum: Code; put: PutRow },
): Code {
  const { rows, segments, b } = given;
  return [
    last.set(rows.sub(1)),
    countUp(row, TILE_ROWS, rows, [
      tile.sums.flat().map((each) => each.set(f32x4.const(0))),
      height.set(rows.sub(row)),
      height.set(lesser(height, TILE_ROWS)),
      at.set(b),
      segment.set(segments),
      sum,
      storeTile(given, height, tile, put),
    ]),
  ];
}

/** The tile's sums as variables, row by row, and a row of B. */
function declareTile(scope: Scope, width: Width) {
  const sums = scope.array("t", TILE_ROWS * width, f32x4);
  return {
    sums: range(TILE_ROWS).map((row) =>
      sums.slice(row * width, (row + 1) * width)
    ),
    rowOfB: scope.array("b", width, f32x4),
  };
}

/**
 * A function that computes a few columns of C = A·B, or adds to them:
 * C[r, j] (+)= Σₖ A[r, k]·B[k, j], k ascending, for `rows` rows and `columns`
 * (≤ 4·width) columns. Loop order: rows by 4, k; the tile of C stays in registers.
 *
 * The columns of A are `segments` runs of `length` steps each; after a run, the
 * pointers into A move on by `jump` bytes. So a window of an image, whose rows lie
 * apart, is read in place. Along rows, row r begins at `a` + `table`[r] bytes.
 * Along columns, four neighbours lie side by side: those from row r on at
 * `a` + r/4·`tile` bytes, for one k, and `step` bytes further for the next. B is
 * packed: 4·width neighbours for each k. Then `c`, bytes of `stride` between rows
 * of C, `rows`, `columns`, `accumulate`.
 *
 * Source: Goto and van de Geijn, "Anatomy of high-performance matrix
 * multiplication", ACM TOMS 34(3), 2008, the innermost loops. V8 checks every
 * load's bounds in Deno, so each load here is of 16 bytes.
 */
function defineMicroRows({ width, fused, put }: MicroKernelSpec) {
  return defineFunction(`rows${4 * width}`, ROWS, (given, scope) => {
    const locals = scope.locals(LOCALS);
    const pointers = scope.array("a", TILE_ROWS, i32);
    const { sums, rowOfB } = declareTile(scope, width);
    const quads = scope.array("va", TILE_ROWS, f32x4);
    const { factor } = scope.locals({ factor: f32x4 });
    const tile = { ...locals, sums, rowOfB, factor, fused };
    const sum = sumOverRows(given, tile, { pointers, quads });
    return overTiles(given, locals, { tile, sum, put });
  });
}

/** The same, A along columns. */
function defineMicroColumns({ width, fused, put }: MicroKernelSpec) {
  return defineFunction(`columns${4 * width}`, COLUMNS, (given, scope) => {
    const locals = scope.locals(LOCALS);
    const { from } = scope.locals({ from: i32 });
    const { sums, rowOfB } = declareTile(scope, width);
    const { four, factor } = scope.locals({ four: f32x4, factor: f32x4 });
    const tile = { ...locals, sums, rowOfB, factor, fused };
    const sum = sumOverColumns(given, tile, { from, four });
    return overTiles(given, locals, { tile, sum, put });
  });
}

/**
 * C `[rows, columns]` = A·B, or added to it: a micro-kernel, `call`, for every eight
 * columns, whose part of B stays in the first-level cache while the rows of A pass
 * by. The packed slivers of B follow one another.
 */
function overSlivers(
  { segments, length, b, c, columns }: Variables<typeof WALK & typeof RESULT>,
  scope: Scope,
  call: (width: Width, columns: I32) => Statement,
): Code {
  const { column, width, sliver } = scope.locals({
    column: i32,
    width: i32,
    sliver: i32,
  });
  return [
    sliver.set(segments.mul(length).mul(4 * TILE_COLUMNS)),
    countUp(column, TILE_COLUMNS, columns, [
      width.set(columns.sub(column)),
      width.set(lesser(width, TILE_COLUMNS)),
      when(width.gtS(4), call(2, width), call(1, width)),
      advance(b, sliver),
      advance(c, 4 * TILE_COLUMNS),
    ]),
  ];
}

/** Copies `left` numbers to `to`, and zeros after them up to `width`. */
function defineCopyEdge() {
  return defineFunction(
    "copyEdge",
    named(i32, "from", "left", "to", "width"),
    ({ from, left, to, width }, scope) => {
      const { i } = scope.locals({ i: i32 });
      const number = either(
        f32,
        i.ltS(left),
        f32.load(from.add(i.mul(4))),
        f32.const(0),
      );
      return countUp(i, 1, width, store(to.add(i.mul(4)), number));
    },
  );
}

/**
 * `along4` and `along8`: the matrix `[depth, columns]` at `from`, whose rows lie
 * `stride` bytes apart, cut into slivers of `width` columns, each
 * `[depth, width]`, one after another at `packed`. The last is filled with
 * zeros, and is four wide if that is enough.
 */
function packAlong<Name extends string>(
  name: Name,
  width: 4 | 8,
  copyEdge: ReturnType<typeof defineCopyEdge>,
) {
  return exportFunction(
    name,
    named(i32, "from", "stride", "depth", "columns", "packed"),
    ({ from, stride, depth, columns, packed }, scope) => {
      const { k, to, left, edge, steps } = scope.locals(
        named(i32, "k", "to", "left", "edge", "steps"),
      );
      const pointers = scope.array("s", 4, i32);
      /** Packs `count` rows from `from` on, for the k that is reached. */
      const pack = (count: number) => {
        const rows = pointers.slice(0, count);
        return [
          to.set(packed.add(k.mul(4 * width))),
          rows.map((pointer, row) => pointer.set(from.add(stride.mul(row)))),
          left.set(columns),
          countDown(left, width, [
            rows.map((pointer, row) =>
              range(width / 4).map((vector) =>
                store(
                  to,
                  f32x4.load(pointer, 16 * vector),
                  4 * width * row + 16 * vector,
                )
              )
            ),
            rows.map((pointer) => advance(pointer, 4 * width)),
            advance(to, depth.mul(4 * width)),
          ]),
          when(left, [
            edge.set(select(4, width, left.leS(4))),
            to.set(to.add(edge.sub(width).mul(k.mul(4)))),
            rows.map((pointer, row) =>
              copyEdge.call({
                from: pointer,
                left,
                to: to.add(edge.mul(4 * row)),
                width: edge,
              })
            ),
          ]),
          advance(from, stride.mul(count)),
          advance(k, count),
        ];
      };
      return [
        steps.set(depth),
        countDown(steps, 4, pack(4)),
        countDown(steps, 1, pack(1)),
      ];
    },
  );
}

/** Four rows from `s0`…`s3`, transposed, to `to`, with `pitch` bytes between k. */
function defineTranspose() {
  return defineFunction(
    "transpose",
    named(i32, "s0", "s1", "s2", "s3", "depth", "to", "pitch"),
    ({ s0, s1, s2, s3, depth, to, pitch }, scope) => {
      const rows = [s0, s1, s2, s3];
      const quads = scope.array("v", 4, f32x4);
      const low = scope.array("l", 2, f32x4);
      const high = scope.array("h", 2, f32x4);
      const column = ([a, b]: F32x4[], lanes: Lanes) => [
        store(to, a.shuffle(b, lanes)),
        advance(to, pitch),
      ];
      return [
        countDown(depth, 4, [
          quads.map((quad, row) => quad.set(f32x4.load(rows[row]))),
          [0, 1].map((half) => {
            const [a, b] = quads.slice(2 * half);
            return [
              low[half].set(a.shuffle(b, [0, 4, 1, 5])),
              high[half].set(a.shuffle(b, [2, 6, 3, 7])),
            ];
          }),
          column(low, [0, 1, 4, 5]),
          column(low, [2, 3, 6, 7]),
          column(high, [0, 1, 4, 5]),
          column(high, [2, 3, 6, 7]),
          rows.map((row) => advance(row, 16)),
        ]),
        countDown(depth, 1, [
          rows.map((row, index) => [
            store(to, f32.load(row), 4 * index),
            advance(row, 4),
          ]),
          advance(to, pitch),
        ]),
      ];
    },
  );
}

/**
 * `across8`: the transpose of the matrix `[columns, depth]` at `from`, whose rows
 * lie `stride` bytes apart, packed as `along8` packs, but that numbers past the
 * last column repeat it.
 */
function packAcross(transpose: ReturnType<typeof defineTranspose>) {
  return exportFunction(
    "across8",
    named(i32, "from", "stride", "depth", "columns", "packed"),
    ({ from, stride, depth, columns, packed }, scope) => {
      const { column, last, pitch } = scope.locals({
        column: i32,
        last: i32,
        pitch: i32,
      });
      const row = (index: number) =>
        from.add(lesser(column.add(index), last).mul(stride));
      const half = (first: number) =>
        transpose.call({
          s0: row(first),
          s1: row(first + 1),
          s2: row(first + 2),
          s3: row(first + 3),
          depth,
          to: packed.add(4 * first),
          pitch,
        });
      return [
        last.set(columns.sub(1)),
        countUp(column, 8, columns, [
          pitch.set(select(32, 16, columns.sub(column).gtS(4))),
          half(0),
          when(pitch.eq(32), half(4)),
          advance(packed, depth.mul(pitch)),
        ]),
      ];
    },
  );
}

/**
 * `place`: copies `rows` rows of `pixels` pixels, each of `size` bytes, from an
 * image whose rows lie `fromStride` bytes apart into one whose rows lie `toStride`
 * apart and whose pixels lie `pixelStride` apart. What is between them keeps its
 * value.
 */
function placeImage() {
  return exportFunction(
    "place",
    named(
      i32,
      "from",
      "to",
      "rows",
      "pixels",
      "size",
      "fromStride",
      "toStride",
      "pixelStride",
    ),
    (
      { from, to, rows, pixels, size, fromStride, toStride, pixelStride },
      scope,
    ) => {
      const { source, target, left, run } = scope.locals(
        named(i32, "source", "target", "left", "run"),
      );
      return [
        run.set(pixels.mul(size)),
        countDown(rows, 1, [
          when(size.eq(pixelStride), copyBytes(to, from, run), [
            source.set(from),
            target.set(to),
            left.set(pixels),
            countDown(left, 1, [
              copyBytes(target, source, size),
              advance(source, size),
              advance(target, pixelStride),
            ]),
          ]),
          advance(from, fromStride),
          advance(to, toStride),
        ]),
      ];
    },
  );
}

/**
 * The module of every function that matrix products and convolutions need; `fused`
 * says whether products are added by relaxed_madd.
 */
export const gemmModule = memoise((fused: boolean) =>
  defineModule("gemm", () => {
    const [put4, put8] = [definePut(1), definePut(2)];
    const specs: MicroKernelSpec[] = [
      { width: 1, fused, put: put4 },
      { width: 2, fused, put: put8 },
    ];
    const [rows4, rows8] = specs.map(defineMicroRows);
    const [columns4, columns8] = specs.map(defineMicroColumns);
    const copyEdge = defineCopyEdge();
    const transpose = defineTranspose();
    return [
      put4,
      put8,
      rows4,
      rows8,
      columns4,
      columns8,
      exportFunction(
        "rows",
        ROWS,
        (given, scope) =>
          overSlivers(
            given,
            scope,
            (width, columns) =>
              (width === 1 ? rows4 : rows8).call({ ...given, columns }),
          ),
      ),
      exportFunction(
        "columns",
        COLUMNS,
        (given, scope) =>
          overSlivers(
            given,
            scope,
            (width, columns) =>
              (width === 1 ? columns4 : columns8).call({ ...given, columns }),
          ),
      ),
      copyEdge,
      packAlong("along4", 4, copyEdge),
      packAlong("along8", 8, copyEdge),
      transpose,
      packAcross(transpose),
      placeImage(),
      exportFunction(
        "zero",
        { to: i32, size: i32 },
        ({ to, size }) => clearBytes(to, size),
      ),
    ];
  })
);
