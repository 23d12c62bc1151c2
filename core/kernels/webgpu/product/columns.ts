import type * as tf from "../../../tf.ts";
import { lanesOf, type Program, runProgram } from "../run_program.ts";
import { flatten } from "./product.ts";

/** How images are laid out anew, so that neighbours on a row of places adjoin. */
export interface ColumnsShape {
  /** Of the input, `[images, height, width, channels]`. */
  images: number;
  height: number;
  width: number;
  channels: number;
  /** Rows of the padded images that windows reach. */
  reach: number;
  /** Windows on a row of places. */
  across: number;
  windowWidth: number;
  strideAcross: number;
  top: number;
  left: number;
}

/** Places on a row, up to the next multiple of 4. */
export function columnsPitch({ across }: ColumnsShape): number {
  return Math.ceil(across / 4) * 4;
}

/** Entries of the columns of images of this shape. */
function columnsSize(shape: ColumnsShape): number {
  const { windowWidth, channels, images, reach } = shape;
  return windowWidth * channels * images * reach * columnsPitch(shape);
}

/**
 * y[j, c, n, r, p] = x[n, r − top, p · stride − left + j, c], 0 outside x and for
 * p ≥ across: the entries that the window's column j meets, rows whole, so that a
 * window's row i only adds to r. `[windowWidth, c, n, reach, pitch]`.
 */
export function columnsProgram(
  x: tf.TensorInfo,
  shape: ColumnsShape,
): { program: Program; inputs: tf.TensorInfo[] } {
  const { height, width, channels, reach, windowWidth, across } = shape;
  const { strideAcross, top, left, images } = shape;
  const lanes = lanesOf(channels);
  const quads = columnsPitch(shape) / 4;
  const planes = channels / lanes;
  // A row of quads for every channel: those of one channel are this far apart.
  const stride = `uniforms.images * ${reach * quads}`;
  const type = lanes === 4 ? "vec4<f32>" : "f32";
  const count = (length: number) => Array.from({ length }, (_, index) => index);
  const entries = planes * images * reach * quads;
  /** The quads of the window's column j, one for every channel of the plane. */
  const store = (j: number) =>
    count(lanes).map((lane) => {
      const values = count(4).map((place) =>
        `x${place * strideAcross + j}${lanes === 4 ? `[${lane}]` : ""}`
      );
      return `
  laid[to + ${j * channels + lane} * stride] = vec4<f32>(${
        // Beyond the last window there is nothing, whatever the input has there.
        values.map((value, place) =>
          `select(0.0, ${value}, quad * 4 + ${place} < ${across})`
        ).join(", ")});`;
    }).join("");
  const program: Program = {
    key: `columns ${[
      height,
      width,
      channels,
      reach,
      across,
      windowWidth,
      strideAcross,
      top,
      left,
    ]}`,
    inputs: [{ name: "x", lanes }],
    outputs: [{
      name: "laid",
      shape: [columnsSize(shape)],
      dtype: "float32",
      lanes: 4,
    }],
    uniforms: [
      { name: "images", type: "i32", value: images },
      { name: "entries", type: "i32", value: entries },
    ],
    invocations: [entries],
    code: `
fn main(i : i32) {
  if (i >= uniforms.entries) { return; }
  let quad = i % ${quads};
  var rest = i / ${quads};
  let plane = rest % ${planes};
  rest = rest / ${planes};
  let r = rest % ${reach};
  let n = rest / ${reach};
  let y = r - ${top};
  let inside = y >= 0 && y < ${height};
  let row = n * ${height} + y;
  let first = quad * ${4 * strideAcross} - ${left};
  // A read beside the row is a read of something, and its value not used.
  let at = (row * ${width} + first) * ${planes} + plane;
  ${
      count(3 * strideAcross + windowWidth).map((step) =>
        `let x${step} = select(${type}(0.0), x[at + ${
          step * planes
        }], inside && first + ${step} >= 0 && first + ${step} < ${width});`
      ).join("\n  ")
    }
  let stride = ${stride};
  let to = plane * ${lanes} * stride + (n * ${reach} + r) * ${quads} + quad;${
      count(windowWidth).map(store).join("")
    }
}`,
  };
  return { program, inputs: [flatten(x)] };
}

/** `x` laid out as columns; undefined where a buffer can't hold them. */
export function layOut(
  backend: tf.WebGPUBackend,
  x: tf.TensorInfo,
  shape: ColumnsShape,
): tf.TensorInfo | undefined {
  const { maxStorageBufferBindingSize } = backend.device.limits;
  if (4 * columnsSize(shape) > maxStorageBufferBindingSize) return undefined;
  const { program, inputs } = columnsProgram(x, shape);
  return runProgram(backend, program, inputs)[0];
}
