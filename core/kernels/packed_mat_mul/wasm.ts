import { optionalMaskArguments } from "../drop_out/op.ts";
import {
  advance,
  defineModule,
  exportFunction,
  i32,
  type I32x4,
  i32x4,
  leaveIf,
  named,
  repeat,
  store,
  storePair,
  until,
} from "../wasm/code.ts";
import {
  drawWords,
  findWord,
  keptLanes,
  MASK_PARAMETERS,
  startMask,
} from "../wasm/dropout_mask.ts";
import {
  heapFunctions,
  heapOffset,
  implementOnWasm,
  makeOutput,
} from "../wasm/heap.ts";
import { transposeSparseKernel, unpackSparseKernel } from "./op.ts";

/** Bytes of an entry: a column, and a value as a float. */
const ENTRY_BYTES = 8;

const unpackModule = defineModule("unpack_sparse", () => [
  exportFunction(
    "unpack",
    {
      ...MASK_PARAMETERS,
      ...named(i32, "starts", "from", "rows", "width", "newStarts", "entries"),
    },
    (given, scope) => {
      const { starts, from, rows, width, newStarts, entries } = given;
      const { out, end, bits, packed, column, value, place } = scope.locals({
        out: i32,
        end: i32,
        bits: i32,
        ...named(i32x4, "packed", "column", "value", "place"),
      });
      const { mask, start } = startMask(given, scope);
      const { word, kept, keptScale, counter, odd, index } = mask;
      /** Its exponent and significand, or its sign, moved to a float32's place. */
      const moved = (part: string, distance: number) =>
        packed.and(i32x4.const(part)).shl(distance);
      /**
       * Sets `column` and `value` to those of the entries `packed`, scaled, and `bits`
       * to one bit an entry, 1 where it is kept.
       *
       * The exponents' biases differ by 112: a product by 2¹¹² sets that right,
       * exactly, for subnormals too; infinity and NaN get their exponent back.
       */
      const unpack = [
        column.set(packed.shrU(16)),
        value.set(moved("0x7fff", 13)),
        value.set(
          moved("0x8000", 16).or(
            keptScale.mul(
              i32x4.const("0x7f800000")
                .and(value.geS(i32x4.const("0x0f800000")))
                .or(value.floats().mul(i32x4.const("0x77800000").floats()))
                .floats(),
            ),
          ),
        ),
        place.set(column.add(i32x4.splat(odd))),
        drawWords(mask, i32x4.splat(counter).add(place.shrU(1))),
        kept.set(
          keptLanes(
            mask,
            place.and(i32x4.const(1)).neg().bitselect(word.shrU(16), word),
          ),
        ),
        bits.set(kept.words().shl(16).bitmask()),
      ];
      /** Two entries, column and value, made of two lanes of each. */
      const pairs = (a: number, b: number) =>
        column.shuffle(value, [a, 4 + a, b, 4 + b]);
      /** Writes entry `lane` of the four; only one that is kept moves `out` on. */
      const append = (lane: number, pair: I32x4) => [
        storePair(out, pair, lane % 2),
        out.set(out.add(bits.shrU(lane).and(1).shl(3))),
      ];
      return [
        start,
        out.set(entries),
        end.set(from),
        repeat([
          store(newStarts, out.sub(entries).shrU(3)),
          leaveIf(rows.eqz()),
          end.set(
            end.add(i32.load(starts, 4).sub(i32.load(starts)).shl(2)),
          ),
          findWord(mask),
          until(end.sub(from).ltS(16), [
            packed.set(i32x4.load(from)),
            unpack,
            packed.set(pairs(0, 1)),
            value.set(pairs(2, 3)),
            append(0, packed),
            append(1, packed),
            append(2, value),
            append(3, value),
            advance(from, 16),
          ]),
          until(from.eq(end), [
            packed.set(i32x4.loadFirst(from)),
            unpack,
            append(0, pairs(0, 1)),
            advance(from, 4),
          ]),
          index.set(index.add(width.extendU())),
          advance(starts, 4),
          advance(newStarts, 4),
          rows.set(rows.sub(1)),
        ]),
      ];
    },
  ),
]);

/** Kernel `RetortUnpackSparse`: see `packedMatMul` of `op.ts`. */
export const unpackSparse = implementOnWasm(
  unpackSparseKernel,
  (wasm, { starts, packed }, { width, dropout }) => {
    const [count] = packed.shape;
    const mask = optionalMaskArguments(dropout) ?? [0, 1, 0, 0, 0];
    const newStarts = makeOutput(wasm, starts.shape, "int32");
    const entries = makeOutput(wasm, [count, 2], "int32");
    heapFunctions(wasm, unpackModule).unpack(
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

const transposeModule = defineModule("transpose_sparse", () => [
  exportFunction(
    "transpose",
    named(
      i32,
      "starts",
      "entries",
      "rows",
      "columns",
      "newStarts",
      "newEntries",
      "places",
    ),
    (
      { starts, entries, rows, columns, newStarts, newEntries, places },
      scope,
    ) => {
      const { entry, last, place, to, row, sum, bytes } = scope.locals(
        named(i32, "entry", "last", "place", "to", "row", "sum", "bytes"),
      );
      /** Address of the entry's column in `places`. */
      const placeOfEntry = places.add(i32.load(entry).shl(2));
      return [
        last.set(entries.add(i32.load(starts.add(rows.shl(2))).shl(3))),
        entry.set(entries),
        // Bytes of entries of each column.
        until(entry.eq(last), [
          place.set(placeOfEntry),
          store(place, i32.load(place).add(ENTRY_BYTES)),
          advance(entry, ENTRY_BYTES),
        ]),
        place.set(places),
        // Counts become the addresses at which columns begin.
        until(columns.eq(0), [
          store(newStarts, sum.shrU(3)),
          bytes.set(i32.load(place)),
          store(place, newEntries.add(sum)),
          sum.set(sum.add(bytes)),
          advance(place, 4),
          advance(newStarts, 4),
          advance(columns, -1),
        ]),
        store(newStarts, sum.shrU(3)),
        entry.set(entries),
        // Each entry goes to its column's address, which moves on.
        until(row.eq(rows), [
          last.set(entries.add(i32.load(starts, 4).shl(3))),
          until(entry.eq(last), [
            place.set(placeOfEntry),
            to.set(i32.load(place)),
            store(place, to.add(ENTRY_BYTES)),
            store(to, row),
            store(to, i32.load(entry, 4), 4),
            advance(entry, ENTRY_BYTES),
          ]),
          advance(starts, 4),
          advance(row, 1),
        ]),
      ];
    },
  ),
]);

/**
 * Kernel `RetortTransposeSparse`: see `packedMatMul` of `op.ts`. It counts each
 * column's entries first, so that every one can go straight to its place.
 */
export const transposeSparse = implementOnWasm(
  transposeSparseKernel,
  (wasm, { starts, entries }, { columns }) => {
    const newStarts = makeOutput(wasm, [columns + 1], "int32");
    const newEntries = makeOutput(wasm, entries.shape, "int32");
    const places = makeOutput(wasm, [columns], "int32");
    wasm.typedArrayFromHeap(places).fill(0);
    heapFunctions(wasm, transposeModule).transpose(
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
