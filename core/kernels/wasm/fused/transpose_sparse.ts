import type * as tf from "../../../tf.ts";
import {
  checkInputShape,
  readInput,
  readNumber,
} from "../../kernel_arguments.ts";
import {
  asWasmBackend,
  heapFunctions,
  heapOffset,
  makeOutput,
} from "../heap.ts";

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

const WAT = `(module (import "env" "memory" (memory 1))
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
export const transposeSparse: tf.KernelFunc = ({ inputs, attrs, backend }) => {
  const wasm = asWasmBackend(backend);
  const starts = readInput(inputs, "starts", "int32");
  const entries = readInput(inputs, "entries", "int32");
  checkInputShape("entries", entries, [entries.shape[0], 2]);
  const columns = readNumber(attrs, "columns");
  const newStarts = makeOutput(wasm, [columns + 1], "int32");
  const newEntries = makeOutput(wasm, entries.shape, "int32");
  const places = makeOutput(wasm, [columns], "int32");
  wasm.typedArrayFromHeap(places).fill(0);
  heapFunctions(wasm, "transpose_sparse", WAT).transpose(
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
};
