import type * as tf from "../../tf.ts";
import {
  heapOffset,
  implementOnWasm,
  makeOutput,
  textFunctions,
} from "../wasm/heap.ts";
import {
  add,
  advance,
  countDown,
  get,
  i32,
  integers,
  multiply,
  parameters,
  set,
  vectors,
} from "../wasm/text.ts";
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
function bytes(count: string): string {
  return `(i32.shl ${count} ${i32(2)})`;
}

/** Sets `$first` and `$units` to block `$block`'s first unit and number of units. */
const ENTER_BLOCK = `
  ${set("first", `(i32.load ${get("start")})`)}
  ${
  set("units", `(i32.sub (i32.load offset=4 ${get("start")}) ${get("first")})`)
}
  ${advance("start", i32(4))}`;

/** The same statements for four units a turn, then for one, in the first lane. */
function overUnits(
  body: (load: string, splat: string, store: string) => string,
): string {
  return [4, 1].map((lanes) =>
    countDown(
      `units${lanes}`,
      "units",
      lanes,
      `${
        lanes === 4
          ? body("v128.load", "v128.load32_splat", "v128.store")
          : body("v128.load32_zero", "v128.load32_zero", "v128.store32_lane 0")
      }
      ${advance("unit", i32(4 * lanes))}`,
    )
  ).join("\n");
}

function sumProduct(a: string, b: string): string {
  return set("sum", `(f32x4.add ${get("sum")} (f32x4.mul ${a} ${b}))`);
}

const ZERO = set("sum", "(v128.const i32x4 0 0 0 0)");

const LANES = [0, 1, 2, 3].map((lane) =>
  `(f32x4.extract_lane ${lane} ${get("sum")})`
);

const LOCALS = `${
  integers("first", "units", "unit", "start", "blocks", "class", "row")
} ${integers("at", "other")} ${vectors("sum")}`;

/** z ← h·W by blocks: see `blockMatMul` of `op.ts`. */
const FORWARD = `(func (export "forward")
  ${
  parameters("h", "weight", "starts", "z", "rows", "all", "members", "classes")
}
  ${LOCALS}
  ${
  countDown(
    "rows",
    "rows",
    1,
    `${set("start", get("starts"))} ${set("blocks", get("members"))}
    ${
      countDown(
        "blocks",
        "blocks",
        1,
        `${ENTER_BLOCK}
        ${set("row", get("units"))} ${set("class", i32(0))}
        (loop $classes
          ${ZERO}
          ${set("units", get("row"))}
          ${set("unit", add(get("h"), bytes(get("first"))))}
          ${
          set(
            "other",
            add(
              get("weight"),
              bytes(add(multiply(get("class"), get("all")), get("first"))),
            ),
          )
        }
          ${
          [4, 1].map((lanes) => {
            const load = lanes === 4 ? "v128.load" : "v128.load32_zero";
            return countDown(
              `units${lanes}`,
              "units",
              lanes,
              `${
                sumProduct(
                  `(${load} ${get("unit")})`,
                  `(${load} ${get("other")})`,
                )
              }
              ${advance("unit", i32(4 * lanes))}
              ${advance("other", i32(4 * lanes))}`,
            );
          }).join("\n")
        }
          (f32.store ${get("z")} ${
          LANES.reduce((a, b) => `(f32.add ${a} ${b})`)
        })
          ${advance("z", i32(4))}
          ${advance("class", i32(1))}
          (br_if $classes (i32.lt_s ${get("class")} ${get("classes")})))`,
      )
    }
    ${advance("h", bytes(get("all")))}`,
  )
})`;

/** ∂L/∂h. */
const INPUT_GRADIENT = `(func (export "inputGradient")
  ${
  parameters(
    "dz",
    "weight",
    "starts",
    "dh",
    "rows",
    "all",
    "members",
    "classes",
  )
}
  ${LOCALS}
  ${
  countDown(
    "rows",
    "rows",
    1,
    `${set("start", get("starts"))} ${set("blocks", get("members"))}
    ${set("unit", get("weight"))}
    ${
      countDown(
        "blocks",
        "blocks",
        1,
        `${ENTER_BLOCK}
        ${
          overUnits((load, splat, store) => `
          ${ZERO}
          ${set("at", get("dz"))} ${set("other", get("unit"))}
          ${set("class", get("classes"))}
          ${
            countDown(
              `class${load.length}`,
              "class",
              1,
              `${
                sumProduct(
                  `(${splat} ${get("at")})`,
                  `(${load} ${get("other")})`,
                )
              }
              ${advance("at", i32(4))}
              ${advance("other", bytes(get("all")))}`,
            )
          }
          (${store} (i32.sub ${add(get("dh"), get("unit"))} ${get("weight")}) ${
            get("sum")
          })`)
        }
        ${advance("dz", bytes(get("classes")))}`,
      )
    }
    ${advance("dh", bytes(get("all")))}`,
  )
})`;

/** ∂L/∂W. */
const WEIGHT_GRADIENT = `(func (export "weightGradient")
  ${parameters("dz", "h", "starts", "dw", "rows", "all", "members", "classes")}
  ${LOCALS} ${integers("target", "width")}
  ${set("width", bytes(multiply(get("members"), get("classes"))))}
  ${set("start", get("starts"))} ${set("blocks", get("members"))}
  ${
  countDown(
    "blocks",
    "blocks",
    1,
    `${ENTER_BLOCK}
    ${set("class", i32(0))}
    (loop $classes
      ${set("unit", add(get("h"), bytes(get("first"))))}
      ${set("units", `(i32.sub (i32.load ${get("start")}) ${get("first")})`)}
      ${
      set(
        "target",
        add(
          get("dw"),
          bytes(add(multiply(get("class"), get("all")), get("first"))),
        ),
      )
    }
      ${
      overUnits((load, splat, store) => `
        ${ZERO}
        ${set("at", get("dz"))} ${set("other", get("unit"))}
        ${set("row", get("rows"))}
        ${
        countDown(
          `row${load.length}`,
          "row",
          1,
          `${sumProduct(`(${splat} ${get("at")})`, `(${load} ${get("other")})`)}
          ${advance("at", get("width"))}
          ${advance("other", bytes(get("all")))}`,
        )
      }
        (${store} ${get("target")} ${get("sum")})
        ${advance("target", i32(load === "v128.load" ? 16 : 4))}`)
    }
      ${advance("dz", i32(4))}
      ${advance("class", i32(1))}
      (br_if $classes (i32.lt_s ${get("class")} ${get("classes")})))`,
  )
})`;

/** The module of a product by blocks and its two gradients. */
export const BLOCK_MAT_MUL = `(module (import "env" "memory" (memory 1))
  ${FORWARD} ${INPUT_GRADIENT} ${WEIGHT_GRADIENT})`;

/** The product, or gradient, by its function of the module. */
function computeProduct(
  wasm: tf.BackendWasm,
  kind: "forward" | "inputGradient" | "weightGradient",
  { operands, starts, shape, rows, units, members, classes }: BlockProduct,
): tf.TensorInfo[] {
  const output = makeOutput(wasm, shape, "float32");
  const [a, b] = operands.map((operand) => heapOffset(wasm, operand));
  textFunctions(wasm, "block_mat_mul", BLOCK_MAT_MUL)[kind](
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

/** Kernel `RetortBlockMatMulInputGrad`: its gradient by h. */
export const blockMatMulInputGradient = implementOnWasm(
  inputGradientKernel,
  (wasm, inputs) =>
    computeProduct(wasm, "inputGradient", inputGradientProduct(inputs)),
);

/** Kernel `RetortBlockMatMulWeightGrad`: its gradient by the weights. */
export const blockMatMulWeightGradient = implementOnWasm(
  weightGradientKernel,
  (wasm, inputs, { classes }) =>
    computeProduct(
      wasm,
      "weightGradient",
      weightGradientProduct(inputs, classes),
    ),
);
