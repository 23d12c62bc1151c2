import type * as tf from "../../tf.ts";
import type { LeftOperand } from "./matmul_product.ts";
import { lanesOf } from "./run_program.ts";

/** Which entries of an image every place of a window meets. */
export interface Windows {
  /** Extents of the images that are read, `[n, height, width, channels]`. */
  height: number;
  width: number;
  channels: number;
  /** Extents of the rows: one for each place of an image that is written. */
  down: number;
  across: number;
  windowHeight: number;
  windowWidth: number;
  /**
   * The y that is read for the place y′ and the window's row i is
   * (y′ · multiply + offset + i · step) / divide, where that is whole.
   */
  vertical: Walk;
  horizontal: Walk;
}

/** How a place walks over an image as its window does. */
export interface Walk {
  multiply: number;
  offset: number;
  step: number;
  divide: number;
}

/** Whether a walk over `extent` entries ever leaves them, or falls between two. */
function strays(walk: Walk, places: number, steps: number, extent: number) {
  const { multiply, offset, step, divide } = walk;
  const ends = [0, (places - 1) * multiply].flatMap((place) =>
    [0, (steps - 1) * step].map((along) => place + offset + along)
  );
  return divide !== 1 || Math.min(...ends) < 0 || Math.max(...ends) >= extent;
}

/** WGSL for where a walk arrives, and the conditions that it is in the image. */
function arrive(
  name: string,
  { step, divide }: Walk,
  index: string,
  start: string,
  extent: number,
): { code: string; inside: string[] } {
  const sum = step < 0 ? `${start} - ${index}` : `${start} + ${index}`;
  if (divide === 1) {
    return {
      code: `let ${name} = ${sum};`,
      inside: [`${name} >= 0`, `${name} < ${extent}`],
    };
  }
  return {
    code: `let ${name}Steps = ${sum}; let ${name} = ${name}Steps / ${divide};`,
    inside: [
      `${name}Steps >= 0`,
      `${name} * ${divide} == ${name}Steps`,
      `${name} < ${extent}`,
    ],
  };
}

/** The left operand whose rows are windows, and how its terms are grouped. */
export interface WindowRows {
  left: LeftOperand;
  groups: number;
  length: number;
}

/**
 * The left operand whose row is one window's entries, read from `images` in place,
 * zeros outside. A group is one place of the window, its terms are channels; where
 * no window leaves its image, a group is a whole row of the window.
 */
export function windowRows(
  images: tf.TensorInfo,
  windows: Windows,
): WindowRows {
  const { height, width, channels, down, across, vertical, horizontal } =
    windows;
  const { windowHeight, windowWidth } = windows;
  const lanes = lanesOf(channels);
  const masked = strays(vertical, down, windowHeight, height) ||
    strays(horizontal, across, windowWidth, width);
  const y = arrive("y", vertical, "i", "row.y", height);
  const x = arrive("x", horizontal, "j", "row.z", width);
  const whole = !masked && horizontal.step === 1;
  const at = `((row.x + y) * ${width} + x) * ${channels / lanes}`;
  const left: LeftOperand = {
    tensor: images,
    lanes,
    masked,
    key: `windows ${[
      height,
      width,
      channels,
      down,
      across,
      windowHeight,
      windowWidth,
      ...Object.values(vertical),
      ...Object.values(horizontal),
    ]}`,
    uniforms: [],
    code: `
fn leftRow(m : i32, b : i32) -> vec4<i32> {
  let image = m / ${down * across};
  let place = m - image * ${down * across};
  let down = place / ${across};
  let across = place - down * ${across};
  return vec4<i32>(image * ${height}, down * ${vertical.multiply} + ${vertical.offset},
    across * ${horizontal.multiply} + ${horizontal.offset}, 0);
}
fn leftGroup(row : vec4<i32>, g : i32) -> vec2<i32> {
  ${
      whole
        ? "let i = g; let j = 0;"
        : `let i = g / ${windowWidth}; let j = g - i * ${windowWidth};`
    }
  ${y.code}
  ${x.code}
  ${
      masked
        ? `let inside = ${[...y.inside, ...x.inside].join(" && ")};
  return vec2<i32>(select(0, ${at}, inside), select(0, 1, inside));`
        : `return vec2<i32>(${at}, 1);`
    }
}`,
  };
  return whole
    ? { left, groups: windowHeight, length: windowWidth * channels }
    : { left, groups: windowHeight * windowWidth, length: channels };
}
