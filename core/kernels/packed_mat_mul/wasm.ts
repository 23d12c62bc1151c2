import { optionalMaskArguments } from "../drop_out/op.ts";
import {
  drawWords,
  keptLanes,
  MASK_PARAMETERS,
  MASK_START,
} from "../wasm/dropout_mask.ts";
import {
  heapFunctions,
  heapOffset,
  implementOnWasm,
  makeOutput,
} from "../wasm/heap.ts";
import { transposeSparseKernel, unpackSparseKernel } from "./op.ts";

function everyLane(constant: string): string {
  return `(v128.const i32x4 ${new Array(4).fill(constant).join(" ")})`;
}

/**
 * A float16's exponent and significand, or its sign, moved to a float32's
 * place.
 */
function moved(mask: string, distance: number): string {
  return `(i32x4.shl (v128.and (local.get $packed) ${everyLane(mask)})
    (i32.const ${distance}))`;
}

/** A float32's exponent of all ones, where the float16 has one. */
const ENDLESS = `(v128.and ${everyLane("0x7f800000")}
  (i32x4.ge_s (local.get $value) ${everyLane("0x0f800000")}))`;

/**
 * Sets `$column` and `$value` to those of the entries `$packed`, scaled, and
 * `$bits` to one bit an entry, 1 where it is kept.
 *
 * The exponents' biases differ by 112: a product by 2¹¹² sets that right,
 * exactly, for subnormals too; infinity and NaN get their exponent back.
 */
const UNPACK = `
  (local.set $column (i32x4.shr_u (local.get $packed) (i32.const 16)))
  (local.set $value ${moved("0x7fff", 13)})
  (local.set $value (v128.or ${moved("0x8000", 16)} (f32x4.mul
    (local.get $keptScale)
    (v128.or ${ENDLESS}
      (f32x4.mul (local.get $value) ${everyLane("0x77800000")})))))
  (local.set $place (i32x4.add (local.get $column) (i32x4.splat (local.get $odd))))
  ${
  drawWords(`(i32x4.add (i32x4.splat (local.get $counter))
    (i32x4.shr_u (local.get $place) (i32.const 1)))`)
}
  (local.set $kept ${
  keptLanes(`(v128.bitselect
    (i32x4.shr_u (local.get $word) (i32.const 16)) (local.get $word)
    (i32x4.neg (v128.and (local.get $place) ${everyLane("1")})))`)
})
  (local.set $bits
    (i32x4.bitmask (i32x4.shl (local.get $kept) (i32.const 16))))`;

/** Two entries, column and value, made of two lanes of each. */
function pairs(lanes: [number, number]): string {
  const bytes = lanes.flatMap((lane) =>
    [0, 16].flatMap((vector) =>
      [0, 1, 2, 3].map((byte) => vector + 4 * lane + byte)
    )
  );
  return `(i8x16.shuffle ${
    bytes.join(" ")
  } (local.get $column) (local.get $value))`;
}

/** Writes entry `lane` of the four; only one that is kept moves `$out` on. */
function append(lane: number, pair: string): string {
  return `
  (v128.store64_lane ${lane % 2} (local.get $out) ${pair})
  (local.set $out (i32.add (local.get $out) (i32.shl (i32.and
    (i32.shr_u (local.get $bits) (i32.const ${lane})) (i32.const 1))
    (i32.const 3))))`;
}

const UNPACK_ROWS = `(module (import "env" "memory" (memory 1))
  (func (export "unpack") ${MASK_PARAMETERS}
    (param $starts i32) (param $from i32) (param $rows i32) (param $width i32)
    (param $newStarts i32) (param $entries i32)
    (local $out i32) (local $end i32) (local $bits i32) (local $packed v128)
    (local $column v128) (local $value v128) (local $place v128)
    ${MASK_START}
    (local.set $out (local.get $entries))
    (local.set $end (local.get $from))
    (block $done (loop $nextRow
      (i32.store (local.get $newStarts) (i32.shr_u
        (i32.sub (local.get $out) (local.get $entries)) (i32.const 3)))
      (br_if $done (i32.eqz (local.get $rows)))
      (local.set $end (i32.add (local.get $end) (i32.shl
        (i32.sub (i32.load offset=4 (local.get $starts))
          (i32.load (local.get $starts))) (i32.const 2))))
      (local.set $counter
        (i32.wrap_i64 (i64.shr_u (local.get $index) (i64.const 1))))
      (local.set $odd (i32.and (i32.wrap_i64 (local.get $index)) (i32.const 1)))
      (block $noneWide (loop $wide
        (br_if $noneWide (i32.lt_s
          (i32.sub (local.get $end) (local.get $from)) (i32.const 16)))
        (local.set $packed (v128.load (local.get $from)))
        ${UNPACK}
        (local.set $packed ${pairs([0, 1])})
        (local.set $value ${pairs([2, 3])})
        ${append(0, "(local.get $packed)")} ${append(1, "(local.get $packed)")}
        ${append(2, "(local.get $value)")} ${append(3, "(local.get $value)")}
        (local.set $from (i32.add (local.get $from) (i32.const 16)))
        (br $wide)))
      (block $noneSingle (loop $single
        (br_if $noneSingle (i32.eq (local.get $from) (local.get $end)))
        (local.set $packed (v128.load32_zero (local.get $from)))
        ${UNPACK}
        ${append(0, pairs([0, 1]))}
        (local.set $from (i32.add (local.get $from) (i32.const 4)))
        (br $single)))
      (local.set $index
        (i64.add (local.get $index) (i64.extend_i32_u (local.get $width))))
      (local.set $starts (i32.add (local.get $starts) (i32.const 4)))
      (local.set $newStarts (i32.add (local.get $newStarts) (i32.const 4)))
      (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
      (br $nextRow)))))`;

/**
 * Kernel `RetortUnpackSparse`: of a matrix `[m, width]` by rows, the entries
 * that the attribute `dropout` keeps, scaled, as `RetortSparseMatMul` takes
 * them.
 *
 * In: `starts` int32 `[m + 1]`, where each row's entries begin, the first at 0,
 * and `packed` int32 `[count]`, each a column in the upper 16 bits and a
 * float16 value in the lower. Out: starts `[m + 1]` and entries `[count, 2]`, a
 * column and the bits of a float32; those behind the last row's end mean
 * nothing.
 */
export const unpackSparse = implementOnWasm(
  unpackSparseKernel,
  (wasm, { starts, packed }, { width, dropout }) => {
    const [count] = packed.shape;
    const mask = optionalMaskArguments(dropout) ?? [0, 1, 0, 0, 0];
    const newStarts = makeOutput(wasm, starts.shape, "int32");
    const entries = makeOutput(wasm, [count, 2], "int32");
    heapFunctions(wasm, "unpack_sparse", UNPACK_ROWS).unpack(
      ...mask,
      heapOffset(wasm, starts),
      heapOffset(wasm, packed),
      starts.shape[0] - 1,
      width,
      heapOffset(wasm, newStarts),
      heapOffset(wasm, entries),
    );
    return [newStarts, entries];
  },
);

const add = (pointer: string, bytes: number) =>
  `(local.set ${pointer} (i32.add (local.get ${pointer}) (i32.const ${bytes})))`;

/** A loop that ends as soon as `pointer` is at `end`. */
const until = (pointer: string, end: string, body: string) => `
  (block $done (loop $next
    (br_if $done (i32.eq (local.get ${pointer}) ${end}))
    ${body}
    (br $next)))`;

/** Address of the entry's column in `$places`. */
const PLACE = `(i32.add (local.get $places)
  (i32.shl (i32.load (local.get $entry)) (i32.const 2)))`;

/** Bytes of entries of each column. */
const COUNT = until(
  "$entry",
  "(local.get $last)",
  `(local.set $place ${PLACE})
  (i32.store (local.get $place)
    (i32.add (i32.load (local.get $place)) (i32.const 8)))
  ${add("$entry", 8)}`,
);

/** Counts become the addresses at which columns begin. */
const ADD_UP = until(
  "$columns",
  "(i32.const 0)",
  `(i32.store (local.get $newStarts)
    (i32.shr_u (local.get $sum) (i32.const 3)))
  (local.set $bytes (i32.load (local.get $place)))
  (i32.store (local.get $place)
    (i32.add (local.get $newEntries) (local.get $sum)))
  (local.set $sum (i32.add (local.get $sum) (local.get $bytes)))
  ${add("$place", 4)} ${add("$newStarts", 4)} ${add("$columns", -1)}`,
);

/** Each entry goes to its column's address, which moves on. */
const MOVE = until(
  "$row",
  "(local.get $rows)",
  `(local.set $last (i32.add (local.get $entries)
    (i32.shl (i32.load offset=4 (local.get $starts)) (i32.const 3))))
  ${
    until(
      "$entry",
      "(local.get $last)",
      `(local.set $place ${PLACE})
      (local.set $to (i32.load (local.get $place)))
      (i32.store (local.get $place) (i32.add (local.get $to) (i32.const 8)))
      (i32.store (local.get $to) (local.get $row))
      (i32.store offset=4 (local.get $to) (i32.load offset=4 (local.get $entry)))
      ${add("$entry", 8)}`,
    )
  }
  ${add("$starts", 4)} ${add("$row", 1)}`,
);

const TRANSPOSE = `(module (import "env" "memory" (memory 1))
  (func (export "transpose") (param $starts i32) (param $entries i32)
    (param $rows i32) (param $columns i32) (param $newStarts i32)
    (param $newEntries i32) (param $places i32)
    (local $entry i32) (local $last i32) (local $place i32) (local $to i32)
    (local $row i32) (local $sum i32) (local $bytes i32)
    (local.set $last (i32.add (local.get $entries) (i32.shl
      (i32.load (i32.add (local.get $starts)
        (i32.shl (local.get $rows) (i32.const 2)))) (i32.const 3))))
    (local.set $entry (local.get $entries))
    ${COUNT}
    (local.set $place (local.get $places))
    ${ADD_UP}
    (i32.store (local.get $newStarts)
      (i32.shr_u (local.get $sum) (i32.const 3)))
    (local.set $entry (local.get $entries))
    ${MOVE}))`;

/**
 * Kernel `RetortTransposeSparse`: the transpose, `[columns, m]`, of a matrix by
 * rows as `RetortSparseMatMul` takes it, `starts` int32 `[m + 1]` and `entries`
 * int32 `[count, 2]`, in the same form; entries of a row stay in order. It
 * counts each column's entries first, so that every one can go straight to its
 * place.
 *
 * Whoever makes the matrix answers for its columns lying below `columns`.
 */
export const transposeSparse = implementOnWasm(
  transposeSparseKernel,
  (wasm, { starts, entries }, { columns }) => {
    const newStarts = makeOutput(wasm, [columns + 1], "int32");
    const newEntries = makeOutput(wasm, entries.shape, "int32");
    const places = makeOutput(wasm, [columns], "int32");
    wasm.typedArrayFromHeap(places).fill(0);
    heapFunctions(wasm, "transpose_sparse", TRANSPOSE).transpose(
      heapOffset(wasm, starts),
      heapOffset(wasm, entries),
      starts.shape[0] - 1,
      columns,
      heapOffset(wasm, newStarts),
      heapOffset(wasm, newEntries),
      heapOffset(wasm, places),
    );
    wasm.disposeData(places.dataId);
    return [newStarts, newEntries];
  },
);
