import * as tf from "../../tf.ts";
import {
  heapFunctions,
  heapOffset,
  implementOnWasm,
  makeOutput,
} from "../wasm/heap.ts";
import { unpackPixelsKernel } from "./op.ts";

/** The vector of the four bytes at `$words` as numbers from 0 to 1. */
const NUMBERS = `(f32x4.div
  (f32x4.convert_i32x4_u (i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u
    (v128.load32_zero (local.get $words)))))
  (f32x4.splat (f32.const 255)))`;

const WAT = `(module (import "env" "memory" (memory 1))
  (func (export "unpack") (param $words i32) (param $x i32) (param $count i32)
    (local $numbers v128)
    (block $noneWide (loop $wide
      (br_if $noneWide (i32.lt_u (local.get $count) (i32.const 4)))
      (v128.store (local.get $x) ${NUMBERS})
      (local.set $words (i32.add (local.get $words) (i32.const 4)))
      (local.set $x (i32.add (local.get $x) (i32.const 16)))
      (local.set $count (i32.sub (local.get $count) (i32.const 4)))
      (br $wide)))
    (if (i32.eqz (local.get $count)) (then (return)))
    (local.set $numbers ${NUMBERS})
    (v128.store32_lane 0 (local.get $x) (local.get $numbers))
    (if (i32.eq (local.get $count) (i32.const 1)) (then (return)))
    (v128.store32_lane offset=4 1 (local.get $x) (local.get $numbers))
    (if (i32.eq (local.get $count) (i32.const 2)) (then (return)))
    (v128.store32_lane offset=8 2 (local.get $x) (local.get $numbers))))`;

/** Kernel `RetortPixels`: see `unpackPixels` of `op.ts`. */
export const unpackPixels = implementOnWasm(
  unpackPixelsKernel,
  (wasm, { words }, { shape }) => {
    const x = makeOutput(wasm, shape, "float32");
    heapFunctions(wasm, "unpack_pixels", WAT).unpack(
      heapOffset(wasm, words),
      heapOffset(wasm, x),
      tf.util.sizeFromShape(shape),
    );
    return [x];
  },
);
