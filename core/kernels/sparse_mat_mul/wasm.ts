import { hasRelaxedSimd } from "../wasm/assemble.ts";
import {
  heapOffset,
  implementOnWasm,
  makeOutput,
  textFunctions,
} from "../wasm/heap.ts";
import { advance, get, i32, multiplyAdd, range } from "../wasm/text.ts";
import { sparseMatMulKernel } from "./op.ts";

/** Columns that a function of the module sums in registers at a time, in vectors of four. */
export const MOST_VECTORS = 12;

/** The vector `sum` + `$value` · `b`. */
function addProduct(sum: string, b: string, fused: boolean): string {
  return multiplyAdd("(local.get $value)", b, `(local.get ${sum})`, fused);
}

const PARAMETERS = [
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
].map((name) => `(param $${name} i32)`).join(" ");

const LOCALS =
  "(local $entry i32) (local $end i32) (local $row i32) (local $value v128)";

/** The byte offset of the entry whose number lies at `pointer`. */
function entryAt(pointer: string): string {
  return `(i32.add (local.get $entries)
    (i32.shl (i32.load (local.get ${pointer})) (i32.const 3)))`;
}

/**
 * The loops of every function: over the `$rows` rows of A, and over a row's entries,
 * eight bytes each, a column as an integer and a value as a float, until one's
 * column reaches `$limit`. Writes to `$next` which one that is.
 */
function overEntries(
  { begin, each, end }: { begin: string; each: string; end: string },
): string {
  return `
    (block $noRows (loop $nextRow
      (br_if $noRows (i32.eqz (local.get $rows)))
      (local.set $entry ${entryAt("$from")})
      (local.set $end ${entryAt("$ends")})
      ${begin}
      (block $noEntries (loop $nextEntry
        (br_if $noEntries (i32.eq (local.get $entry) (local.get $end)))
        (local.set $value (v128.load64_zero (local.get $entry)))
        (local.set $row (i32x4.extract_lane 0 (local.get $value)))
        (br_if $noEntries (i32.ge_u (local.get $row) (local.get $limit)))
        (local.set $row (i32.add (local.get $b)
          (i32.mul (local.get $row) (local.get $bytes))))
        (local.set $value (i8x16.shuffle 4 5 6 7 4 5 6 7 4 5 6 7 4 5 6 7
          (local.get $value) (local.get $value)))
        ${each}
        ${advance("entry", i32(8))}
        (br $nextEntry)))
      ${end}
      (i32.store (local.get $next)
        (i32.shr_u (i32.sub (local.get $entry) (local.get $entries))
          (i32.const 3)))
      ${advance("c", get("bytes"))}
      ${advance("from", i32(4))}
      ${advance("ends", i32(4))}
      ${advance("next", i32(4))}
      (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
      (br $nextRow)))`;
}

/** Sums begin at 0 where `$fresh`, else at what C holds. */
function beginSums(sums: string[], load: (vector: number) => string): string {
  const set = (value: (vector: number) => string) =>
    sums.map((sum, vector) => `(local.set ${sum} ${value(vector)})`).join("\n");
  return `(if (local.get $fresh)
    (then ${set(() => "(v128.const i32x4 0 0 0 0)")})
    (else ${set(load)}))`;
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
    store: (vector: number) => string;
  },
): string {
  const sums = range(count).map((vector) => `$sum${vector}`);
  const at = (vector: number) => `offset=${16 * vector}`;
  return `(func (export "${name}") ${PARAMETERS} ${LOCALS}
    ${sums.map((sum) => `(local ${sum} v128)`).join(" ")}
    ${
    overEntries({
      begin: beginSums(
        sums,
        (vector) => `(v128.load ${at(vector)} (local.get $c))`,
      ),
      each: sums.map((sum, vector) =>
        `(local.set ${sum} ${
          addProduct(
            sum,
            `(v128.load (i32.add (local.get $row) (i32.const ${16 * vector})))`,
            fused,
          )
        })`
      ).join("\n"),
      end: sums.map((_, vector) => store(vector)).join("\n"),
    })
  })`;
}

function wholeVectors(count: number, fused: boolean): string {
  const store = (vector: number) =>
    `(v128.store offset=${
      16 * vector
    } (local.get $c) (local.get $sum${vector}))`;
  return vectorsFunction({ name: `vectors${count}`, count, fused, store });
}

/** The last `columns` of four, the others being done already. */
function tail(columns: 1 | 2 | 3, fused: boolean): string {
  const single = (lane: number) =>
    `(v128.store32_lane offset=${
      4 * lane
    } ${lane} (local.get $c) (local.get $sum0))`;
  const pair =
    "(v128.store64_lane offset=8 1 (local.get $c) (local.get $sum0))";
  const store = { 1: single(3), 2: pair, 3: single(1) + pair }[columns];
  return vectorsFunction({
    name: `tail${columns}`,
    count: 1,
    fused,
    store: () => store,
  });
}

/** One column: the sum and its factors are first lanes, so that it rounds alike. */
function columnFunction(fused: boolean): string {
  return `(func (export "column") ${PARAMETERS} ${LOCALS} (local $sum v128)
    ${
    overEntries({
      begin: beginSums(["$sum"], () => "(v128.load32_zero (local.get $c))"),
      each: `(local.set $sum ${
        addProduct("$sum", "(v128.load32_zero (local.get $row))", fused)
      })`,
      end: "(v128.store32_lane 0 (local.get $c) (local.get $sum))",
    })
  })`;
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
export function sparseRowsModule(fused: boolean): string {
  return `(module (import "env" "memory" (memory 1))
    ${columnFunction(fused)}
    ${([1, 2, 3] as const).map((columns) => tail(columns, fused)).join("\n")}
    ${
    range(MOST_VECTORS).map((index) => wholeVectors(index + 1, fused)).join(
      "\n",
    )
  })`;
}

const FLOAT_BYTES = 4;
const INTEGER_BYTES = 4;
const LANES = 4;
/** Rows of B used at a time: 48 of their columns are 96 kB, which a cache near by holds. */
const TILE_ROWS = 512;

/** Columns that one function of the module computes. */
export interface ColumnBlock {
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

let text: string | undefined;

/** The module's text, made once: an instance is found by it. */
function moduleText(): string {
  return text ??= sparseRowsModule(hasRelaxedSimd());
}

/**
 * Kernel `RetortSparseMatMul`: C = A·B, `[m, k]` × `[k, n]` → `[m, n]`, with A by
 * rows: `starts` int32 `[m + 1]`, where each row's entries begin, and `entries`
 * int32 `[count, 2]`, each a column of A and the bits of its value.
 *
 * Whoever makes A answers for its columns lying below k.
 */
export const sparseMatMul = implementOnWasm(
  sparseMatMulKernel,
  (wasm, { starts, entries, b }) => {
    const rows = starts.shape[0] - 1;
    const [depth, columns] = b.shape;
    const c = makeOutput(wasm, [rows, columns], "float32");
    const cursors = [0, 1].map(() => makeOutput(wasm, [rows], "int32"));
    const functions = textFunctions(
      wasm,
      "sparse_rows",
      moduleText(),
    );
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
