import { hasRelaxedSimd } from "../wasm/assemble.ts";
import {
  advance,
  type Code,
  defineModule,
  type ExportedFunction,
  exportFunction,
  type F32x4,
  f32x4,
  type I32,
  i32,
  i32x4,
  leaveIf,
  memoise,
  named,
  range,
  store,
  storeLane,
  storePair,
  until,
  type Variable,
  type Variables,
  when,
} from "../wasm/code.ts";
import {
  heapFunctions,
  heapOffset,
  implementOnWasm,
  makeOutput,
} from "../wasm/heap.ts";
import { sparseMatMulKernel } from "./op.ts";

/** Columns that a function of the module sums in registers at a time, in vectors of four. */
const MOST_VECTORS = 12;

const PARAMETERS = named(
  i32,
  "from",
  "ends",
  "next",
  "entries",
  "rows",
  "limit",
  "b",
  "bytes",
  "c",
  "fresh",
);

const LOCALS = { entry: i32, end: i32, row: i32, value: i32x4 };

type Names = Variables<typeof PARAMETERS & typeof LOCALS>;

/**
 * The loops of every function: over the `rows` rows of A, and over a row's entries,
 * eight bytes each, a column as an integer and a value as a float, until one's
 * column reaches `limit`. Writes to `next` which one that is. For `each` entry
 * `value` has its value in all lanes, and `row` is where B's row begins.
 */
function overEntries(
  names: Names,
  { begin, each, end: finish }: { begin: Code; each: Code; end: Code },
): Code {
  const { from, ends, next, entries, rows, limit, b, bytes, c } = names;
  const { entry, end, row, value } = names;
  /** The byte offset of the entry whose number lies at `pointer`. */
  const entryAt = (pointer: I32) => entries.add(i32.load(pointer).shl(3));
  return until(rows.eqz(), [
    entry.set(entryAt(from)),
    end.set(entryAt(ends)),
    begin,
    until(entry.eq(end), [
      value.set(i32x4.loadPair(entry)),
      row.set(value.lane(0)),
      leaveIf(row.geU(limit)),
      row.set(b.add(row.mul(bytes))),
      value.set(value.shuffle(value, [1, 1, 1, 1])),
      each,
      advance(entry, 8),
    ]),
    finish,
    store(next, entry.sub(entries).shrU(3)),
    advance(c, bytes),
    advance(from, 4),
    advance(ends, 4),
    advance(next, 4),
    rows.set(rows.sub(1)),
  ]);
}

/** Sums begin at 0 where `fresh`, else at what C holds. */
function beginSums(
  { fresh }: Names,
  sums: Variable<F32x4>[],
  load: (vector: number) => F32x4,
): Code {
  return when(
    fresh,
    sums.map((sum) => sum.set(f32x4.const(0))),
    sums.map((sum, vector) => sum.set(load(vector))),
  );
}

/**
 * A function whose sums are `count` vectors, of which `store` writes what it may.
 *
 * B's vectors are reached by sums rather than by loads' own offsets: where an
 * engine checks bounds by instructions, loads without an offset share the bound.
 * It is a tenth quicker in Deno.
 */
function vectorsFunction(
  { name, count, fused, store }: {
    name: string;
    count: number;
    fused: boolean;
    store: (c: I32, sum: F32x4, vector: number) => Code;
  },
): ExportedFunction<string> {
  return exportFunction(name, PARAMETERS, (given, scope) => {
    const names = { ...given, ...scope.locals(LOCALS) };
    const sums = scope.array("sum", count, f32x4);
    const { row, value, c } = names;
    return overEntries(names, {
      begin: beginSums(names, sums, (vector) => f32x4.load(c, 16 * vector)),
      each: sums.map((sum, vector) =>
        sum.set(
          value.floats().mulAdd(f32x4.load(row.add(16 * vector)), sum, fused),
        )
      ),
      end: sums.map((sum, vector) => store(c, sum, vector)),
    });
  });
}

function wholeVectors(
  count: number,
  fused: boolean,
): ExportedFunction<string> {
  return vectorsFunction({
    name: `vectors${count}`,
    count,
    fused,
    store: (c, sum, vector) => store(c, sum, 16 * vector),
  });
}

/** The last `columns` of four, the others being done already. */
function tail(columns: 1 | 2 | 3, fused: boolean): ExportedFunction<string> {
  const single = (c: I32, sum: F32x4, lane: number) =>
    storeLane(c, sum, lane, 4 * lane);
  return vectorsFunction({
    name: `tail${columns}`,
    count: 1,
    fused,
    store: (c, sum) => [
      columns === 1 ? single(c, sum, 3) : [],
      columns === 3 ? single(c, sum, 1) : [],
      columns > 1 ? storePair(c, sum, 1, 8) : [],
    ],
  });
}

/** One column: the sum and its factors are first lanes, so that it rounds alike. */
function columnFunction(fused: boolean): ExportedFunction<string> {
  return exportFunction("column", PARAMETERS, (given, scope) => {
    const names = { ...given, ...scope.locals(LOCALS) };
    const { sum } = scope.locals({ sum: f32x4 });
    const { row, value, c } = names;
    return overEntries(names, {
      begin: beginSums(names, [sum], () => f32x4.loadFirst(c)),
      each: sum.set(
        value.floats().mulAdd(f32x4.loadFirst(row), sum, fused),
      ),
      end: storeLane(c, sum, 0),
    });
  });
}

/**
 * The module of functions that add to some columns of C the product A·B for a
 * sparse A by rows: c[r, :] += Σ over entries (k, v) of row r of v · b[k, :].
 *
 * `vectorsN` does 4·N columns, whose sums stay in registers while a row's entries
 * pass by; `tailN` the last N of four, and `column` one. A row's entries are those numbered from `from` up
 * to `ends`, in order of their columns; the function stops at the first whose
 * column isn't below `limit` and writes its number to `next`, so that a call may
 * go on from there with another part of B, each small enough for a cache. `b`
 * and `c` point to the first of the columns; `bytes` lie between rows of either.
 * Where `fresh` isn't 0, C holds nothing yet, and is written rather than added to.
 */
export const sparseRowsModule = memoise((fused: boolean) =>
  defineModule("sparse_rows", () => [
    columnFunction(fused),
    ...([1, 2, 3] as const).map((columns) => tail(columns, fused)),
    ...range(MOST_VECTORS).map((index) => wholeVectors(index + 1, fused)),
  ])
);

const FLOAT_BYTES = 4;
const INTEGER_BYTES = 4;
const LANES = 4;
/** Rows of B used at a time: 48 of their columns are 96 kB, which a cache near by holds. */
const TILE_ROWS = 512;

/** Columns that one function of the module computes. */
interface ColumnBlock {
  /** The first that the function reads. */
  first: number;
  /** Its name. */
  name: string;
}

/** Blocks that cover `columns`, each of them once, as wide as registers allow. */
export function coverColumns(columns: number): ColumnBlock[] {
  if (columns < LANES) {
    return Array.from({ length: columns }, (_, first) => ({
      first,
      name: "column",
    }));
  }
  const blocks: ColumnBlock[] = [];
  let first = 0;
  while (columns - first >= LANES) {
    const whole = Math.floor((columns - first) / LANES);
    const vectors = Math.min(MOST_VECTORS, whole);
    blocks.push({ first, name: `vectors${vectors}` });
    first += vectors * LANES;
  }
  if (first < columns) {
    blocks.push({ first: columns - LANES, name: `tail${columns - first}` });
  }
  return blocks;
}

/** Kernel `RetortSparseMatMul`: see `sparseMatMulKernel` of `op.ts`. */
export const sparseMatMul = implementOnWasm(
  sparseMatMulKernel,
  (wasm, { starts, entries, b }) => {
    const rows = starts.shape[0] - 1;
    const [depth, columns] = b.shape;
    const c = makeOutput(wasm, [rows, columns], "float32");
    const cursors = [0, 1].map(() => makeOutput(wasm, [rows], "int32"));
    const functions = heapFunctions(wasm, sparseRowsModule(hasRelaxedSimd()));
    const [atStarts, atEntries, atB, atC, ...atCursors] = [
      starts,
      entries,
      b,
      c,
      ...cursors,
    ].map((tensor) => heapOffset(wasm, tensor));
    let from = atStarts;
    // Once at least: C must be written even where B has no rows.
    for (let tile = 0; tile === 0 || tile * TILE_ROWS < depth; tile++) {
      const next = atCursors[tile % 2];
      for (const { first, name } of coverColumns(columns)) {
        functions[name](
          from,
          atStarts + INTEGER_BYTES,
          next,
          atEntries,
          rows,
          (tile + 1) * TILE_ROWS,
          atB + first * FLOAT_BYTES,
          columns * FLOAT_BYTES,
          atC + first * FLOAT_BYTES,
          Number(tile === 0),
        );
      }
      from = next;
    }
    for (const { dataId } of cursors) wasm.disposeData(dataId);
    return [c];
  },
);
