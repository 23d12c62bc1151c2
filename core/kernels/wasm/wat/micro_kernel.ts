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
  splatLane,
  subtract,
  vectors,
} from "./text.ts";

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
