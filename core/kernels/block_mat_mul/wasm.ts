import type * as tf from "../../tf.ts";
import {
  advance,
  type Code,
  countDown,
  defineModule,
  exportFunction,
  type F32x4,
  f32x4,
  type I32,
  i32,
  named,
  repeatWhile,
  type Statement,
  store,
  storeLane,
  type Variables,
} from "../wasm/code.ts";
import {
  heapFunctions,
  heapOffset,
  implementOnWasm,
  makeOutput,
} from "../wasm/heap.ts";
import {
  blockMatMulKernel,
  type BlockProduct,
  forwardProduct,
  inputGradientKernel,
  inputGradientProduct,
  weightGradientKernel,
  weightGradientProduct,
} from "./op.ts";

/** Bytes of `count` numbers. */
function bytes(count: I32): I32 {
  return count.shl(2);
}

/** Variables of every function. */
const LOCALS = {
  ...named(
    i32,
    "first",
    "units",
    "unit",
    "start",
    "blocks",
    "label",
    "row",
    "at",
    "other",
  ),
  sum: f32x4,
};

type Locals = Variables<typeof LOCALS>;

/** Sets `first` and `units` to the next block's first unit and number of units. */
function enterBlock({ first, units, start }: Locals): Code {
  return [
    first.set(i32.load(start)),
    units.set(i32.load(start, 4).sub(first)),
    advance(start, 4),
  ];
}

/** How a turn over units reads and writes: four, or one in the first lane. */
interface Turn {
  lanes: number;
  load(pointer: I32): F32x4;
  /** One number for all of the turn's units. */
  loadOne(pointer: I32): F32x4;
  store(pointer: I32, value: F32x4): Statement;
}

const TURNS: Turn[] = [
  {
    lanes: 4,
    load: (pointer) => f32x4.load(pointer),
    loadOne: (pointer) => f32x4.loadSplat(pointer),
    store: (pointer, value) => store(pointer, value),
  },
  {
    lanes: 1,
    load: (pointer) => f32x4.loadFirst(pointer),
    loadOne: (pointer) => f32x4.loadFirst(pointer),
    store: (pointer, value) => storeLane(pointer, value, 0),
  },
];

/** The same statements for four units a turn, then for one. */
function overUnits({ units }: Locals, body: (turn: Turn) => Code): Code {
  return TURNS.map((turn) => countDown(units, turn.lanes, body(turn)));
}

/** z ← h·W by blocks: see `blockMatMul` of `op.ts`. */
function forward() {
  return exportFunction(
    "forward",
    named(
      i32,
      "h",
      "weight",
      "starts",
      "z",
      "rows",
      "all",
      "members",
      "classes",
    ),
    ({ h, weight, starts, z, rows, all, members, classes }, scope) => {
      const locals = scope.locals(LOCALS);
      const { first, units, unit, start, blocks, label, row, other, sum } =
        locals;
      const total = ([0, 1, 2, 3] as const).map((lane) => sum.lane(lane))
        .reduce((a, b) => a.add(b));
      const output = [
        sum.set(f32x4.const(0)),
        units.set(row),
        unit.set(h.add(bytes(first))),
        other.set(weight.add(bytes(label.mul(all).add(first)))),
        overUnits(locals, ({ lanes, load }) => [
          sum.set(sum.add(load(unit).mul(load(other)))),
          advance(unit, 4 * lanes),
          advance(other, 4 * lanes),
        ]),
        store(z, total),
        advance(z, 4),
        advance(label, 1),
      ];
      return countDown(rows, 1, [
        start.set(starts),
        blocks.set(members),
        countDown(blocks, 1, [
          enterBlock(locals),
          row.set(units),
          label.set(i32.const(0)),
          repeatWhile(label.ltS(classes), output),
        ]),
        advance(h, bytes(all)),
      ]);
    },
  );
}

/** ∂L/∂h. */
function inputGradient() {
  return exportFunction(
    "inputGradient",
    named(
      i32,
      "dz",
      "weight",
      "starts",
      "dh",
      "rows",
      "all",
      "members",
      "classes",
    ),
    ({ dz, weight, starts, dh, rows, all, members, classes }, scope) => {
      const locals = scope.locals(LOCALS);
      const { unit, start, blocks, label, at, other, sum } = locals;
      return countDown(rows, 1, [
        start.set(starts),
        blocks.set(members),
        unit.set(weight),
        countDown(blocks, 1, [
          enterBlock(locals),
          overUnits(locals, ({ lanes, load, loadOne, store }) => [
            sum.set(f32x4.const(0)),
            at.set(dz),
            other.set(unit),
            label.set(classes),
            countDown(label, 1, [
              sum.set(sum.add(loadOne(at).mul(load(other)))),
              advance(at, 4),
              advance(other, bytes(all)),
            ]),
            store(dh.add(unit).sub(weight), sum),
            advance(unit, 4 * lanes),
          ]),
          advance(dz, bytes(classes)),
        ]),
        advance(dh, bytes(all)),
      ]);
    },
  );
}

/** ∂L/∂W. */
function weightGradient() {
  return exportFunction(
    "weightGradient",
    named(i32, "dz", "h", "starts", "dw", "rows", "all", "members", "classes"),
    ({ dz, h, starts, dw, rows, all, members, classes }, scope) => {
      const locals = scope.locals(LOCALS);
      const { first, units, unit, start, blocks, label, row, at, other, sum } =
        locals;
      const { target, width } = scope.locals({ target: i32, width: i32 });
      const output = [
        unit.set(h.add(bytes(first))),
        units.set(i32.load(start).sub(first)),
        target.set(dw.add(bytes(label.mul(all).add(first)))),
        overUnits(locals, ({ lanes, load, loadOne, store }) => [
          sum.set(f32x4.const(0)),
          at.set(dz),
          other.set(unit),
          row.set(rows),
          countDown(row, 1, [
            sum.set(sum.add(loadOne(at).mul(load(other)))),
            advance(at, width),
            advance(other, bytes(all)),
          ]),
          store(target, sum),
          advance(target, 4 * lanes),
          advance(unit, 4 * lanes),
        ]),
        advance(dz, 4),
        advance(label, 1),
      ];
      return [
        width.set(bytes(members.mul(classes))),
        start.set(starts),
        blocks.set(members),
        countDown(blocks, 1, [
          enterBlock(locals),
          label.set(i32.const(0)),
          repeatWhile(label.ltS(classes), output),
        ]),
      ];
    },
  );
}

const blockMatMulModule = defineModule(
  "block_mat_mul",
  () => [forward(), inputGradient(), weightGradient()],
);

/** The product, or gradient, by its function of the module. */
function computeProduct(
  wasm: tf.BackendWasm,
  kind: "forward" | "inputGradient" | "weightGradient",
  { operands, starts, shape, rows, units, members, classes }: BlockProduct,
): tf.TensorInfo[] {
  const output = makeOutput(wasm, shape, "float32");
  const [a, b] = operands.map((operand) => heapOffset(wasm, operand));
  heapFunctions(wasm, blockMatMulModule)[kind](
    a,
    b,
    heapOffset(wasm, starts),
    heapOffset(wasm, output),
    rows,
    units,
    members,
    classes,
  );
  return [output];
}

/** Kernel `RetortBlockMatMul`: see `blockMatMul` of `op.ts`. */
export const blockMatMul = implementOnWasm(
  blockMatMulKernel,
  (wasm, inputs) => computeProduct(wasm, "forward", forwardProduct(inputs)),
);

/** Kernel `RetortBlockMatMulInputGradient`: its gradient by h. */
export const blockMatMulInputGradient = implementOnWasm(
  inputGradientKernel,
  (wasm, inputs) =>
    computeProduct(wasm, "inputGradient", inputGradientProduct(inputs)),
);

/** Kernel `RetortBlockMatMulWeightGradient`: its gradient by the weights. */
export const blockMatMulWeightGradient = implementOnWasm(
  weightGradientKernel,
  (wasm, inputs, { classes }) =>
    computeProduct(
      wasm,
      "weightGradient",
      weightGradientProduct(inputs, classes),
    ),
);
