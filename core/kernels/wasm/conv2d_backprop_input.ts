import * as tf from "../../tf.ts";
import type { Conv2DGeometry } from "./conv2d_geometry.ts";

/**
 * `dy` with `stride` − 1 zeros between neighbours along height and width:
 * `[n, h, w, c]` → `[n, (h − 1)·s + 1, (w − 1)·s + 1, c]`.
 */
function spread(
  dy: tf.Tensor4D,
  [strideHeight, strideWidth]: [number, number],
): tf.Tensor4D {
  const [n, height, width, channels] = dy.shape;
  const rows = tf.reshape(
    tf.pad(dy, [
      [0, 0],
      [0, 0],
      [0, 0],
      [0, (strideWidth - 1) * channels],
    ]),
    [n, height, width * strideWidth, channels],
  );
  const planes: tf.Tensor4D = tf.reshape(
    tf.pad(tf.reshape(rows, [n, height, width * strideWidth * channels]), [
      [0, 0],
      [0, 0],
      [0, (strideHeight - 1) * width * strideWidth * channels],
    ]),
    [n, height * strideHeight, width * strideWidth, channels],
  );
  return tf.slice(planes, [0, 0, 0, 0], [
    n,
    (height - 1) * strideHeight + 1,
    (width - 1) * strideWidth + 1,
    channels,
  ]);
}

/**
 * ∂L/∂x of a 2-D convolution: the spread-out output gradient convolved with
 * the filter, flipped in both directions and with its channels exchanged.
 *
 * dy `[n, h′, w′, f]`, filter `[kh, kw, c, f]` → `[n, h, w, c]`. It is itself a
 * forward convolution, so that XNNPACK does the work.
 *
 * Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep
 * learning", 2016, section 4.
 */
export function conv2dBackpropInput(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  geometry: Conv2DGeometry,
): tf.Tensor4D {
  const { strides, padding, input } = geometry;
  const [kernelHeight, kernelWidth] = filter.shape;
  const [reachHeight, reachWidth] = [kernelHeight - 1, kernelWidth - 1];
  const spreadOut = strides[0] * strides[1] === 1 ? dy : spread(dy, strides);
  const flipped: tf.Tensor4D = tf.transpose(
    tf.reverse(filter, [0, 1]),
    [0, 1, 3, 2],
  );
  // Gradient of the padded input, less the rows that no window reached.
  const padded = tf.conv2d(
    spreadOut,
    flipped,
    1,
    [[0, 0], [reachHeight, reachHeight], [reachWidth, reachWidth], [0, 0]],
  );
  const { top, left } = padding;
  const [n, height, width, channels] = input;
  const missingRows = Math.max(0, top + height - padded.shape[1]);
  const missingColumns = Math.max(0, left + width - padded.shape[2]);
  const whole = missingRows + missingColumns === 0 ? padded : tf.pad(padded, [
    [0, 0],
    [0, missingRows],
    [0, missingColumns],
    [0, 0],
  ]);
  if (whole.shape[1] === height && whole.shape[2] === width) return whole;
  return tf.slice(whole, [0, top, left, 0], [n, height, width, channels]);
}
