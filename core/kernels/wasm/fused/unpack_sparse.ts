import type * as tf from "../../../tf.ts";
import {
  checkInputShape,
  readInput,
  readNumber,
  readOptionalDropout,
} from "../../kernel_arguments.ts";
import {
  asWasmBackend,
  heapFunctions,
  heapOffset,
  makeOutput,
} from "../heap.ts";
import {
  drawWords,
  keptLanes,
  MASK_PARAMETERS,
  MASK_START,
} from "./mask_wat.ts";

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

const WAT = `(module (import "env" "memory" (memory 1))
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
export const unpackSparse: tf.KernelFunc = ({ inputs, attrs, backend }) => {
  const wasm = asWasmBackend(backend);
  const starts = readInput(inputs, "starts", "int32");
  const packed = readInput(inputs, "packed", "int32");
  const [count] = packed.shape;
  checkInputShape("packed", packed, [count]);
  const width = readNumber(attrs, "width");
  const range = readOptionalDropout(attrs) ?? [0, 1, 0, 0, 0];
  const newStarts = makeOutput(wasm, starts.shape, "int32");
  const entries = makeOutput(wasm, [count, 2], "int32");
  heapFunctions(wasm, "unpack_sparse", WAT).unpack(
    ...range,
    heapOffset(wasm, starts),
    heapOffset(wasm, packed),
    starts.shape[0] - 1,
    width,
    heapOffset(wasm, newStarts),
    heapOffset(wasm, entries),
  );
  return [newStarts, entries];
};
