import * as tf from "../../tf.ts";
import { shape4 } from "../conv2d/wasm_frames.ts";
import { elementLoop, type Turn } from "../wasm/element_loop.ts";
import { heapFunctions, heapOffset, makeOutput } from "../wasm/heap.ts";
import { assertAttributes, type Replacement } from "../wasm/replace_kernel.ts";

/** What the function takes beside pointers and padding, in its order. */
const GEOMETRY = [
  "batchSize",
  "inHeight",
  "inWidth",
  "inChannels",
  "outHeight",
  "outWidth",
  "strideHeight",
  "strideWidth",
  "dilationHeight",
  "dilationWidth",
  "effectiveFilterHeight",
  "effectiveFilterWidth",
] as const;

const get = (name: string) => `(local.get $${name})`;
const set = (name: string, value: string) => `(local.set $${name} ${value})`;
const add = (name: string, value: string) =>
  set(name, `(i32.add ${get(name)} ${value})`);

/**
 * `body` for `$name` from `first` while it is less than `end`, by steps of
 * `step`.
 */
function loop(
  name: string,
  { first, end, step }: { first: string; end: string; step: string },
  body: string,
): string {
  return `${set(name, first)}
    (block $${name}End (loop $${name}Next
      (br_if $${name}End (i32.ge_s ${get(name)} ${end}))
      ${body}
      ${add(name, step)}
      (br $${name}Next)))`;
}

const each = (name: string, end: string, body: string) =>
  loop(name, { first: "(i32.const 0)", end, step: "(i32.const 1)" }, body);

/** Where a window begins and ends along one axis, padding left out. */
function clip(axis: "Height" | "Width", index: string, pad: string): string {
  const [first, end] = [`first${axis}`, `end${axis}`];
  return `
    ${
    set(
      first,
      `(i32.sub (i32.mul ${get(index)} ${get(`stride${axis}`)}) ${get(pad)})`,
    )
  }
    ${set(end, `(i32.add ${get(first)} ${get(`effectiveFilter${axis}`)})`)}
    ${
    set(
      end,
      `(select ${get(end)} ${get(`in${axis}`)}
        (i32.lt_s ${get(end)} ${get(`in${axis}`)}))`,
    )
  }
    (block $inside${axis} (loop $outside${axis}
      (br_if $inside${axis} (i32.ge_s ${get(first)} (i32.const 0)))
      ${add(first, get(`dilation${axis}`))}
      (br $outside${axis})))`;
}

/**
 * `body` for every input of the window, `$offset` being its bytes from the
 * image's start.
 */
function forEachTap(body: string): string {
  const axis = (axis: string) => ({
    first: get(`first${axis}`),
    end: get(`end${axis}`),
    step: get(`dilation${axis}`),
  });
  return loop(
    "row",
    axis("Height"),
    loop(
      "column",
      axis("Width"),
      `${
        set(
          "offset",
          `(i32.mul ${get("pixelBytes")} (i32.add ${get("column")}
            (i32.mul ${get("row")} ${get("inWidth")})))`,
        )
      } ${body}`,
    ),
  );
}

/**
 * Two passes over the window: which input is the first largest, then its
 * gradient.
 */
function passOn({ load, store }: Turn): string {
  const winner = `(i32x4.eq ${get("winner")} (i32x4.splat ${get("offset")}))`;
  return `
    ${set("best", `(v128.const f32x4 ${"-inf ".repeat(4)})`)}
    ${set("winner", "(v128.const i32x4 -1 -1 -1 -1)")}
    ${
    forEachTap(`
      ${set("tap", `(i32.add ${get("xNow")} ${get("offset")})`)}
      ${set("value", load("$tap"))}
      ${
      set(
        "winner",
        `(v128.bitselect (i32x4.splat ${get("offset")}) ${get("winner")}
          (f32x4.gt ${get("value")} ${get("best")}))`,
      )
    }
      ${set("best", `(f32x4.pmax ${get("best")} ${get("value")})`)}`)
  }
    ${set("value", load("$dy"))}
    ${
    forEachTap(`
      ${set("tap", `(i32.add ${get("dxNow")} ${get("offset")})`)}
      ${
      store(
        "$tap",
        `(f32x4.add ${load("$tap")} (v128.and ${get("value")} ${winner}))`,
      )
    }`)
  }`;
}

const LOCALS = [
  ...["image", "outRow", "outColumn", "row", "column", "offset", "tap"],
  ...["firstHeight", "endHeight", "firstWidth", "endWidth"],
  ...["xNow", "dxNow", "pixelBytes", "imageBytes", "count"],
];

const WAT = `(module (import "env" "memory" (memory 1))
  (func (export "gradient") (param $x i32) (param $dy i32) (param $dx i32)
    ${GEOMETRY.map((name) => `(param $${name} i32)`).join(" ")}
    (param $padTop i32) (param $padLeft i32)
    ${LOCALS.map((name) => `(local $${name} i32)`).join(" ")}
    (local $best v128) (local $winner v128) (local $value v128)
    ${set("pixelBytes", `(i32.shl ${get("inChannels")} (i32.const 2))`)}
    ${
  set(
    "imageBytes",
    `(i32.mul ${get("pixelBytes")}
      (i32.mul ${get("inHeight")} ${get("inWidth")}))`,
  )
}
    ${
  each(
    "image",
    get("batchSize"),
    each(
      "outRow",
      get("outHeight"),
      `${clip("Height", "outRow", "padTop")}
      ${
        each(
          "outColumn",
          get("outWidth"),
          `${clip("Width", "outColumn", "padLeft")}
          ${set("xNow", get("x"))} ${set("dxNow", get("dx"))}
          ${set("count", get("inChannels"))}
          ${
            elementLoop({ pointers: ["$xNow", "$dxNow", "$dy"], body: passOn })
          }`,
        )
      }`,
    ) + add("x", get("imageBytes")) + add("dx", get("imageBytes")),
  )
}))`;

/** Where the windows of a pooling layer lie on its `[n, h, w, c]` input. */
export interface PoolGeometry {
  batchSize: number;
  inHeight: number;
  inWidth: number;
  inChannels: number;
  outHeight: number;
  outWidth: number;
  strideHeight: number;
  strideWidth: number;
  dilationHeight: number;
  dilationWidth: number;
  effectiveFilterHeight: number;
  effectiveFilterWidth: number;
  padInfo: { top: number; left: number };
}

/**
 * ∂L/∂x of max-pooling: each output's gradient goes to the first largest input
 * of its window, and overlapping windows add up.
 *
 * x `[n, h, w, c]`, dy `[n, h′, w′, c]`; the result has the shape of x.
 */
export function maxPoolGradient(
  backend: tf.BackendWasm,
  { x, dy }: { x: tf.TensorInfo; dy: tf.TensorInfo },
  geometry: PoolGeometry,
): tf.TensorInfo {
  const dx = makeOutput(backend, x.shape, "float32");
  backend.typedArrayFromHeap(dx).fill(0);
  heapFunctions(backend, "max_pool_gradient", WAT).gradient(
    ...[x, dy, dx].map((tensor) => heapOffset(backend, tensor)),
    ...GEOMETRY.map((name) => geometry[name]),
    geometry.padInfo.top,
    geometry.padInfo.left,
  );
  return dx;
}

/**
 * Kernel `MaxPoolGrad`. tfjs's own takes integers' bits for floats: it must not run
 * in their case.
 */
export const maxPoolGradientReplacement: Replacement = {
  compute: (backend, _, { input, dy }, attributes) => {
    assertAttributes<tf.MaxPoolGradAttrs>(attributes, "filterSize", "strides");
    const geometry = tf.backend_util.computePool2DInfo(
      shape4(input.shape),
      attributes.filterSize,
      attributes.strides,
      1,
      attributes.pad,
      attributes.dimRoundingMode,
    );
    return maxPoolGradient(backend, { x: input, dy }, geometry);
  },
  dropsStock: true,
};
