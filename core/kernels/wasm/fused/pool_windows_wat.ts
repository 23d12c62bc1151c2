import { elementLoop, type Turn } from "./element_loop.ts";
import { MASK_PARAMETERS, MASK_START } from "./mask_wat.ts";

/** Inputs of a window, row by row: the pointer to each. */
export function tapPointers([height, width]: number[]): string[] {
  return Array.from({ length: height * width }, (_, tap) => `$tap${tap}`);
}

/** Parameters that say where the windows of a pooling layer lie. */
const GEOMETRY = `(param $images i32) (param $rows i32) (param $columns i32)
  (param $channels i32) (param $imageBytes i32) (param $rowBytes i32)`;

/**
 * The text of a function over all windows of a pooling layer whose strides are
 * the windows' `size`, `[height, width]`: for each window, `body` for all
 * channels of a turn.
 *
 * The large tensor, `[n, h, w, c]`, is at `$whole`; its inputs in the window are
 * the pointers `tapPointers(size)`. `pooled` are pointers to tensors
 * `[n, h′, w′, c]`, `perChannel` to some of `[c]`.
 */
export function poolWindows(
  { name, size, pooled, perChannel = [], locals = "", dropout = false, body }: {
    name: string;
    size: number[];
    pooled: string[];
    perChannel?: string[];
    locals?: string;
    dropout?: boolean;
    body: (turn: Turn) => string;
  },
): string {
  const taps = tapPointers(size);
  const [height, width] = size;
  const place = taps.map((tap, number) => {
    const row = Math.floor(number / width);
    const column = number % width;
    return `(local.set ${tap} (i32.add (local.get $window) (i32.add
      (i32.mul (local.get $rowBytes) (i32.const ${row}))
      (i32.mul (local.get $pixelBytes) (i32.const ${column})))))`;
  });
  const own = perChannel.map((pointer) => `${pointer}Now`);
  return `(func (export "${name}") ${
    dropout ? MASK_PARAMETERS : ""
  } ${GEOMETRY} (param $whole i32)
    ${[...pooled, ...perChannel].map((each) => `(param ${each} i32)`).join(" ")}
    ${[...taps, ...own].map((each) => `(local ${each} i32)`).join(" ")}
    (local $pixelBytes i32) (local $band i32) (local $window i32)
    (local $row i32) (local $column i32) (local $count i32)
    ${locals} ${dropout ? MASK_START : ""}
    (local.set $pixelBytes (i32.shl (local.get $channels) (i32.const 2)))
    (block $allImages (loop $nextImage
      (br_if $allImages (i32.eqz (local.get $images)))
      (local.set $band (local.get $whole))
      (local.set $row (local.get $rows))
      (block $allRows (loop $nextRow
        (br_if $allRows (i32.eqz (local.get $row)))
        (local.set $window (local.get $band))
        (local.set $column (local.get $columns))
        (block $allColumns (loop $nextColumn
          (br_if $allColumns (i32.eqz (local.get $column)))
          ${place.join("\n")}
          ${
    perChannel.map((pointer, each) =>
      `(local.set ${own[each]} (local.get ${pointer}))`
    ).join("\n")
  }
          (local.set $count (local.get $channels))
          ${
    elementLoop({ pointers: [...taps, ...own, ...pooled], dropout, body })
  }
          ${
    dropout
      ? `(local.set $index (i64.add (local.get $index)
            (i64.extend_i32_u (local.get $channels))))`
      : ""
  }
          (local.set $window (i32.add (local.get $window)
            (i32.mul (local.get $pixelBytes) (i32.const ${width}))))
          (local.set $column (i32.sub (local.get $column) (i32.const 1)))
          (br $nextColumn)))
        (local.set $band (i32.add (local.get $band)
          (i32.mul (local.get $rowBytes) (i32.const ${height}))))
        (local.set $row (i32.sub (local.get $row) (i32.const 1)))
        (br $nextRow)))
      (local.set $whole (i32.add (local.get $whole) (local.get $imageBytes)))
      (local.set $images (i32.sub (local.get $images) (i32.const 1)))
      (br $nextImage))))`;
}

/** What a function of {@linkcode poolWindows} takes for its geometry, in its order. */
export function poolArguments(
  [images, height, width, channels]: number[],
  [windowHeight, windowWidth]: number[],
): number[] {
  return [
    images,
    Math.floor(height / windowHeight),
    Math.floor(width / windowWidth),
    channels,
    4 * height * width * channels,
    4 * width * channels,
  ];
}
