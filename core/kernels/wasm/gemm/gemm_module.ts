import {
  add,
  advance,
  countDown,
  countUp,
  get,
  i32,
  integers,
  lesser,
  multiply,
  multiplyAdd,
  parameters,
  range,
  set,
  shuffle,
  splatLane,
  subtract,
  vectors,
} from "../text.ts";

/** Rows of the tile of C that a micro-kernel holds in registers. */
export const TILE_ROWS = 4;

/** Columns of the widest tile: eight sums of products are eight registers. */
export const TILE_COLUMNS = 8;

/** What a micro-kernel is generated for. */
export interface MicroKernelSpec {
  /**
   * How A is read. "rows": four pointers, each along a row, so that one load
   * serves four steps of k. "columns": one pointer, at four neighbouring rows of
   * one k.
   */
  layout: "rows" | "columns";
  /** Columns of the tile, in vectors of four. */
  width: 1 | 2;
  /** Whether products are added by relaxed_madd. */
  fused: boolean;
}

function microKernelName({ layout, width }: MicroKernelSpec): string {
  return `${layout}${4 * width}`;
}

/** The parameters that say where A is. */
export const POINTERS = {
  rows: ["a", "table"],
  columns: ["a", "tile", "step"],
};

/** The parameters that say how A is walked, and where B is. */
export const WALK = ["jump", "segments", "length", "b"];

/** The parameters that say where C is. */
export const RESULT = ["c", "stride", "rows", "columns", "accumulate"];

/** Four pointers into A: to the tile's rows, the last of which may be repeated. */
const ROW_POINTERS = range(TILE_ROWS).map((row) => `a${row}`);

/** Local variables that hold the tile, row by row. */
function tileOf(width: number): string[][] {
  return range(TILE_ROWS).map((row) =>
    range(width).map((column) => `t${row}_${column}`)
  );
}

/** tile += a·b for one k: row r's factor in all lanes is `factor(r)`. */
function products(
  { width, fused }: MicroKernelSpec,
  factor: (row: number) => string,
): string {
  return tileOf(width).flatMap((row, index) => [
    set("f", factor(index)),
    ...row.map((sum, column) =>
      set(sum, multiplyAdd(get("f"), get(`b${column}`), get(sum), fused))
    ),
  ]).join("\n");
}

function loadB(width: number, k: number): string {
  return range(width).map((column) =>
    set(
      `b${column}`,
      `(v128.load offset=${16 * (k * width + column)} ${get("at")})`,
    )
  ).join("\n");
}

/** The tile's sums over k, A read along four rows. */
function sumOverRows(spec: MicroKernelSpec): string {
  const { width } = spec;
  const pointer = (index: number) => {
    const row = lesser(add(get("row"), i32(index)), get("last"));
    const entry = add(get("table"), multiply(row, i32(4)));
    return set(`a${index}`, add(get("a"), `(i32.load ${entry})`));
  };
  const quad = [
    ...ROW_POINTERS.map((a) => set(`v${a}`, `(v128.load ${get(a)})`)),
    ...range(4).flatMap((k) => [
      loadB(width, k),
      products(spec, (row) => splatLane(get(`va${row}`), k)),
    ]),
    ...ROW_POINTERS.map((a) => advance(a, i32(16))),
    advance("at", i32(64 * width)),
  ];
  const single = [
    loadB(width, 0),
    products(spec, (row) => `(v128.load32_splat ${get(`a${row}`)})`),
    ...ROW_POINTERS.map((a) => advance(a, i32(4))),
    advance("at", i32(16 * width)),
  ];
  const segment = [
    set("left", get("length")),
    countDown("quad", "left", 4, quad.join("\n")),
    countDown("single", "left", 1, single.join("\n")),
    ...ROW_POINTERS.map((a) => advance(a, get("jump"))),
  ];
  return [
    ...range(TILE_ROWS).map(pointer),
    countDown("segment", "segment", 1, segment.join("\n")),
  ].join("\n");
}

/** The tile's sums over k, A read four neighbouring rows at a time. */
function sumOverColumns(spec: MicroKernelSpec): string {
  const { width } = spec;
  const step = (k: number) =>
    [
      set("v", `(v128.load ${get("from")})`),
      loadB(width, k),
      products(spec, (row) => splatLane(get("v"), row)),
      advance("from", get("step")),
    ].join("\n");
  const pair = [step(0), step(1), advance("at", i32(32 * width))];
  const single = [step(0), advance("at", i32(16 * width))];
  const segment = [
    set("left", get("length")),
    countDown("pair", "left", 2, pair.join("\n")),
    countDown("single", "left", 1, single.join("\n")),
    advance("from", get("jump")),
  ];
  return [
    set("from", get("a")),
    countDown("segment", "segment", 1, segment.join("\n")),
    advance("a", get("tile")),
  ].join("\n");
}

/** tile + what C holds, if `accumulate`, written where rows and columns exist. */
function storeTile(width: number): string {
  const row = (sums: string[], at: number) =>
    `(if (i32.gt_s ${get("height")} ${i32(at)}) (then
      (call $put${4 * width} ${get("c")} ${get("columns")} ${
      get("accumulate")
    } ${sums.map(get).join(" ")})
      ${advance("c", get("stride"))}))`;
  const whole = (accumulate: boolean) =>
    tileOf(width).flatMap((sums) => [
      ...sums.map((sum, column) => {
        const value = accumulate
          ? `(f32x4.add (v128.load offset=${16 * column} ${get("c")}) ${
            get(sum)
          })`
          : get(sum);
        return `(v128.store offset=${16 * column} ${get("c")} ${value})`;
      }),
      advance("c", get("stride")),
    ]).join("\n");
  return `(if (i32.eq ${add(get("height"), get("columns"))} ${
    i32(TILE_ROWS + 4 * width)
  })
    (then (if ${get("accumulate")} (then ${whole(true)}) (else ${
    whole(false)
  })))
    (else ${tileOf(width).map(row).join("\n")}))`;
}

/**
 * A function that computes a few columns of C = A·B, or adds to them:
 * C[r, j] (+)= Σₖ A[r, k]·B[k, j], k ascending, for `rows` rows and `columns`
 * (≤ 4·width) columns. Loop order: rows by 4, k; the tile of C stays in registers.
 *
 * The columns of A are `segments` runs of `length` steps each; after a run, the
 * pointers into A move on by `jump` bytes. So a window of an image, whose rows lie
 * apart, is read in place. In the layout "rows", row r begins at `a` + `table`[r]
 * bytes. In "columns", four neighbours lie side by side: those from row r on at
 * `a` + r/4·`tile` bytes, for one k, and `step` bytes further for the next. B is
 * packed: 4·width neighbours for each k. Then `c`, bytes of `stride` between rows
 * of C, `rows`, `columns`, `accumulate`.
 *
 * Source: Goto and van de Geijn, "Anatomy of high-performance matrix
 * multiplication", ACM TOMS 34(3), 2008, the innermost loops. V8 checks every
 * load's bounds in Deno, so each load here is of 16 bytes.
 */
export function microKernel(spec: MicroKernelSpec): string {
  const { layout, width } = spec;
  const rows = layout === "rows";
  const locals = [
    ...range(width).map((column) => `b${column}`),
    ...(rows ? ROW_POINTERS.map((a) => `v${a}`) : ["v"]),
    "f",
  ];
  const tile = `
    ${
    tileOf(width).flat().map((sum) => set(sum, "(v128.const i32x4 0 0 0 0)"))
      .join("\n")
  }
    ${set("height", subtract(get("rows"), get("row")))}
    ${set("height", lesser(get("height"), i32(TILE_ROWS)))}
    ${set("at", get("b"))}
    ${set("segment", get("segments"))}
    ${rows ? sumOverRows(spec) : sumOverColumns(spec)}
    ${storeTile(width)}`;
  return `(func $${microKernelName(spec)}
    ${parameters(...POINTERS[layout], ...WALK, ...RESULT)}
    ${integers("row", "last", "height", "at", "segment", "left")}
    ${integers(...(rows ? ROW_POINTERS : ["from"]))}
    ${vectors(...tileOf(width).flat(), ...locals)}
    ${set("last", subtract(get("rows"), i32(1)))}
    ${countUp("nextRow", "row", TILE_ROWS, get("rows"), tile)})`;
}

/** Writes, or adds, number `at` of a row. */
function putNumber(at: number): string {
  const address = `offset=${4 * at} ${get("c")}`;
  const value = `(f32x4.extract_lane ${at % 4} ${get(`t${at >> 2}`)})`;
  return `(if (i32.gt_s ${get("columns")} ${i32(at)}) (then
    (f32.store ${address} (if (result f32) ${get("accumulate")}
      (then (f32.add (f32.load ${address}) ${value}))
      (else ${value})))))`;
}

/** Writes, or adds, four numbers of a row, if it has them, else those it has. */
function putVector(index: number): string {
  const address = `offset=${16 * index} ${get("c")}`;
  const value = get(`t${index}`);
  return `(if (i32.ge_s ${get("columns")} ${i32(4 * index + 4)})
    (then (v128.store ${address} (if (result v128) ${get("accumulate")}
      (then (f32x4.add (v128.load ${address}) ${value}))
      (else ${value}))))
    (else ${range(4).map((lane) => putNumber(4 * index + lane)).join("\n")}))`;
}

/**
 * `put4` and `put8`: write the first `columns` of 4·width numbers at `c`, or add
 * them to what is there.
 */
export function putRow(width: number): string {
  return `(func $put${4 * width} ${parameters("c", "columns", "accumulate")}
    ${range(width).map((index) => `(param $t${index} v128)`).join(" ")}
    ${range(width).map(putVector).join("\n")})`;
}

/**
 * A function, called as the layout, that computes C `[rows, columns]` = A·B, or adds
 * to it: the micro-kernel for every eight columns, whose part of B stays in the
 * first-level cache while the rows of A pass by. Its parameters are the
 * micro-kernel's; the packed slivers of B follow one another.
 */
export function macroKernel(layout: "rows" | "columns"): string {
  const call = (width: number) =>
    `(call $${layout}${width} ${POINTERS[layout].map(get).join(" ")}
      ${WALK.map(get).join(" ")}
      ${get("c")} ${get("stride")} ${get("rows")} ${get("width")}
      ${get("accumulate")})`;
  const sliver = `
    ${set("width", subtract(get("columns"), get("column")))}
    ${set("width", lesser(get("width"), i32(TILE_COLUMNS)))}
    (if (i32.gt_s ${get("width")} (i32.const 4))
      (then ${call(8)}) (else ${call(4)}))
    ${advance("b", get("sliver"))}
    ${advance("c", i32(4 * TILE_COLUMNS))}`;
  const depth = multiply(get("segments"), get("length"));
  return `(func (export "${layout}")
    ${parameters(...POINTERS[layout], ...WALK, ...RESULT)}
    ${integers("column", "width", "sliver")}
    ${set("sliver", multiply(depth, i32(4 * TILE_COLUMNS)))}
    ${countUp("nextColumn", "column", TILE_COLUMNS, get("columns"), sliver)})`;
}

/** Copies `left` numbers to `to`, and zeros after them up to `width`. */
const COPY_EDGE = `(func $copyEdge ${parameters("from", "left", "to", "width")}
  ${integers("i")}
  ${
  countUp(
    "number",
    "i",
    1,
    get("width"),
    `(f32.store ${add(get("to"), multiply(get("i"), i32(4)))}
      (if (result f32) (i32.lt_s ${get("i")} ${get("left")})
        (then (f32.load ${add(get("from"), multiply(get("i"), i32(4)))}))
        (else (f32.const 0))))`,
  )
})`;

/** Packs `count` rows from `from` on, for the k that `packAlong` has reached. */
function packSteps(width: number, count: number): string {
  const rows = range(count);
  const pointers = rows.map((row) => `s${row}`);
  const sliver = rows.flatMap((row) =>
    range(width / 4).map((vector) =>
      `(v128.store offset=${4 * width * row + 16 * vector} ${get("to")}
        (v128.load offset=${16 * vector} ${get(pointers[row])}))`
    )
  );
  const edge = rows.map((row) =>
    `(call $copyEdge ${get(pointers[row])} ${get("left")}
      ${add(get("to"), multiply(get("edge"), i32(4 * row)))} ${get("edge")})`
  );
  return `
    ${set("to", add(get("packed"), multiply(get("k"), i32(4 * width))))}
    ${
    pointers.map((pointer, row) =>
      set(pointer, add(get("from"), multiply(get("stride"), i32(row))))
    ).join("\n")
  }
    ${set("left", get("columns"))}
    ${
    countDown(
      `slivers${count}`,
      "left",
      width,
      [
        ...sliver,
        ...pointers.map((pointer) => advance(pointer, i32(4 * width))),
        advance("to", multiply(get("depth"), i32(4 * width))),
      ].join("\n"),
    )
  }
    (if ${get("left")} (then
      ${
    set(
      "edge",
      `(select (i32.const 4) ${i32(width)} (i32.le_s ${
        get("left")
      } (i32.const 4)))`,
    )
  }
      ${
    set(
      "to",
      add(
        get("to"),
        multiply(subtract(get("edge"), i32(width)), multiply(get("k"), i32(4))),
      ),
    )
  }
      ${edge.join("\n")}))
    ${advance("from", multiply(get("stride"), i32(count)))}
    ${advance("k", i32(count))}`;
}

/**
 * `along4` and `along8`: the matrix `[depth, columns]` at `from`, whose rows lie
 * `stride` bytes apart, cut into slivers of `width` columns, each
 * `[depth, width]`, one after another at `packed`. The last is filled with
 * zeros, and is four wide if that is enough.
 */
export function packAlong(width: 4 | 8): string {
  return `(func (export "along${width}")
    ${parameters("from", "stride", "depth", "columns", "packed")}
    ${integers("k", "to", "left", "edge", "steps", "s0", "s1", "s2", "s3")}
    ${set("steps", get("depth"))}
    ${countDown("four", "steps", 4, packSteps(width, 4))}
    ${countDown("one", "steps", 1, packSteps(width, 1))})`;
}

const QUAD = [0, 1, 2, 3];

/** Four rows from `s0`…`s3`, transposed, to `to`, with `pitch` bytes between k. */
const TRANSPOSE = `(func $transpose
  ${parameters("s0", "s1", "s2", "s3", "depth", "to", "pitch")}
  ${vectors("v0", "v1", "v2", "v3", "l0", "l1", "h0", "h1")}
  ${
  countDown(
    "quad",
    "depth",
    4,
    [
      ...QUAD.map((row) => set(`v${row}`, `(v128.load ${get(`s${row}`)})`)),
      ...[0, 1].flatMap((half) => {
        const pair = [get(`v${2 * half}`), get(`v${2 * half + 1}`)] as const;
        return [
          set(`l${half}`, shuffle(...pair, [0, 4, 1, 5])),
          set(`h${half}`, shuffle(...pair, [2, 6, 3, 7])),
        ];
      }),
      ...QUAD.flatMap((k) => {
        const half = k < 2 ? "l" : "h";
        const lanes = k % 2 === 0 ? [0, 1, 4, 5] : [2, 3, 6, 7];
        return [
          `(v128.store ${get("to")} ${
            shuffle(get(`${half}0`), get(`${half}1`), lanes)
          })`,
          advance("to", get("pitch")),
        ];
      }),
      ...QUAD.map((row) => advance(`s${row}`, i32(16))),
    ].join("\n"),
  )
}
  ${
  countDown(
    "one",
    "depth",
    1,
    [
      ...QUAD.flatMap((row) => [
        `(f32.store offset=${4 * row} ${get("to")} (f32.load ${
          get(`s${row}`)
        }))`,
        advance(`s${row}`, i32(4)),
      ]),
      advance("to", get("pitch")),
    ].join("\n"),
  )
})`;

/**
 * `across8`: the transpose of the matrix `[columns, depth]` at `from`, whose rows
 * lie `stride` bytes apart, packed as `along8` packs, but that numbers past the
 * last column repeat it.
 */
function packAcross(): string {
  const row = (index: number) => {
    const column = add(get("column"), i32(index));
    return add(
      get("from"),
      multiply(lesser(column, get("last")), get("stride")),
    );
  };
  const half = (first: number) =>
    `(call $transpose ${QUAD.map((index) => row(first + index)).join(" ")}
      ${get("depth")} ${add(get("packed"), i32(4 * first))} ${get("pitch")})`;
  return `(func (export "across8")
    ${parameters("from", "stride", "depth", "columns", "packed")}
    ${integers("column", "last", "pitch")}
    ${set("last", subtract(get("columns"), i32(1)))}
    ${
    countUp(
      "sliver",
      "column",
      8,
      get("columns"),
      `${
        set(
          "pitch",
          `(select (i32.const 32) (i32.const 16) (i32.gt_s ${
            subtract(get("columns"), get("column"))
          } (i32.const 4)))`,
        )
      }
      ${half(0)}
      (if (i32.eq ${get("pitch")} (i32.const 32)) (then ${half(4)}))
      ${advance("packed", multiply(get("depth"), get("pitch")))}`,
    )
  })`;
}

/** The functions that copy a matrix into the order in which tiles read it. */
export function packers(): string {
  return [COPY_EDGE, packAlong(4), packAlong(8), TRANSPOSE, packAcross()]
    .join("\n");
}

const SIZES = ["from", "to", "rows", "pixels", "size"];
const STRIDES = ["fromStride", "toStride", "pixelStride"];

/**
 * `place`: copies `rows` rows of `pixels` pixels, each of `size` bytes, from an
 * image whose rows lie `fromStride` bytes apart into one whose rows lie `toStride`
 * apart and whose pixels lie `pixelStride` apart. What is between them keeps its
 * value. `zero`: sets `size` bytes to zero.
 */
export function placeImage(): string {
  const apart = countDown(
    "pixel",
    "left",
    1,
    `(memory.copy ${get("target")} ${get("source")} ${get("size")})
    ${advance("source", get("size"))}
    ${advance("target", get("pixelStride"))}`,
  );
  const row = `(if (i32.eq ${get("size")} ${get("pixelStride")})
    (then (memory.copy ${get("to")} ${get("from")} ${get("run")}))
    (else
      ${set("source", get("from"))}
      ${set("target", get("to"))}
      ${set("left", get("pixels"))}
      ${apart}))
    ${advance("from", get("fromStride"))}
    ${advance("to", get("toStride"))}`;
  return `(func (export "place")
    ${parameters(...SIZES, ...STRIDES)}
    ${integers("source", "target", "left", "run")}
    ${set("run", `(i32.mul ${get("pixels")} ${get("size")})`)}
    ${countDown("row", "rows", 1, row)})
  (func (export "zero") ${parameters("to", "size")}
    (memory.fill ${get("to")} (i32.const 0) ${get("size")}))`;
}

/** The module of every function that matrix products and convolutions need. */
export function gemmModule(fused: boolean): string {
  const kernels = (["rows", "columns"] as const).flatMap((layout) =>
    ([1, 2] as const).map((width) => microKernel({ layout, width, fused }))
  );
  return `(module (import "env" "memory" (memory 1))
    ${[putRow(1), putRow(2), ...kernels].join("\n")}
    ${macroKernel("rows")}
    ${macroKernel("columns")}
    ${packers()}
    ${placeImage()})`;
}
