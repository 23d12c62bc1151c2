import { advance, countDown, get, integers, parameters, set } from "./text.ts";

const SIZES = ["from", "to", "rows", "pixels", "size"];
const STRIDES = ["fromStride", "toStride", "pixelStride"];

/**
 * `place`: copies `rows` rows of `pixels` pixels, each of `size` bytes, from an
 * image whose rows lie `fromStride` bytes apart into one whose rows lie `toStride`
 * apart and whose pixels lie `pixelStride` apart. What is between them keeps its
 * value. `zero`: sets `size` bytes to zero.
 */
export function placeImage(): string {
  const apart = countDown(
    "pixel",
    "left",
    1,
    `(memory.copy ${get("target")} ${get("source")} ${get("size")})
    ${advance("source", get("size"))}
    ${advance("target", get("pixelStride"))}`,
  );
  const row = `(if (i32.eq ${get("size")} ${get("pixelStride")})
    (then (memory.copy ${get("to")} ${get("from")} ${get("run")}))
    (else
      ${set("source", get("from"))}
      ${set("target", get("to"))}
      ${set("left", get("pixels"))}
      ${apart}))
    ${advance("from", get("fromStride"))}
    ${advance("to", get("toStride"))}`;
  return `(func (export "place")
    ${parameters(...SIZES, ...STRIDES)}
    ${integers("source", "target", "left", "run")}
    ${set("run", `(i32.mul ${get("pixels")} ${get("size")})`)}
    ${countDown("row", "rows", 1, row)})
  (func (export "zero") ${parameters("to", "size")}
    (memory.fill ${get("to")} (i32.const 0) ${get("size")}))`;
}
