import { assertEquals } from "@std/assert";
import { windowSpan } from "../../../../core/models/layers/window_span.ts";
import * as tf from "../../../../core/tf.ts";

Deno.test("windowSpan counts and pads as TensorFlow's convolutions do", () => {
  for (let extent = 1; extent <= 12; extent++) {
    for (let size = 1; size <= 5; size++) {
      for (let stride = 1; stride <= 4; stride++) {
        for (const padding of ["valid", "same"] as const) {
          if (padding === "valid" && size > extent) continue;
          const { outHeight, padInfo } = tf.backend_util.computeConv2DInfo(
            [1, extent, extent, 1],
            [size, size, 1, 1],
            stride,
            1,
            padding,
          );
          assertEquals(windowSpan(extent, size, stride, padding), {
            count: outHeight,
            before: padInfo.top,
            after: padInfo.bottom,
          }, `${size} on ${extent}, stride ${stride}, ${padding}`);
        }
      }
    }
  }
});

Deno.test("windowSpan has no window where valid ones don't fit", () => {
  assertEquals(windowSpan(2, 3).count, 0);
  assertEquals(windowSpan(1, 5, 2).count <= 0, true);
});
