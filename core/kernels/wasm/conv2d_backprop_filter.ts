import * as tf from "../../tf.ts";
import type { Conv2DGeometry } from "./conv2d_geometry.ts";

/** Images a convolution takes at once: more would spill its packed operand. */
const IMAGES_AT_ONCE = 32;

/**
 * ∂L/∂W of a 2-D convolution, as a convolution in which images and channels
 * change places: dW[i,j,c,f] = Σₙ,y,x x[n, y·s + i·d, x·s + j·d, c] · dy[n,y,x,f].
 *
 * x `[n, h, w, c]` is read as c images of n channels, dy `[n, h′, w′, f]` as a
 * filter `[h′, w′, n, f]` dilated by the stride; the result is `[kh, kw, c, f]`.
 * The work is XNNPACK's: no image-to-column copy is made.
 */
export function conv2dBackpropFilter(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  { padding, strides, filter }: Conv2DGeometry,
): tf.Tensor4D {
  const [n] = x.shape;
  let sum: tf.Tensor4D | undefined;
  for (let start = 0; start < n; start += IMAGES_AT_ONCE) {
    const count = Math.min(IMAGES_AT_ONCE, n - start);
    const images: tf.Tensor4D = tf.transpose(
      tf.slice(x, start, count),
      [3, 1, 2, 0],
    );
    const kernel: tf.Tensor4D = tf.transpose(
      tf.slice(dy, start, count),
      [1, 2, 0, 3],
    );
    const part = tf.conv2d(
      tf.pad(images, [
        [0, 0],
        [padding.top, padding.bottom],
        [padding.left, padding.right],
        [0, 0],
      ]),
      kernel,
      1,
      "valid",
      "NHWC",
      strides,
    );
    sum = sum ? tf.add(sum, part) : part;
  }
  if (!sum) return tf.zeros(filter);
  // Rows beyond the kernel belong to input that no window reached.
  return tf.slice4d(
    tf.transpose<tf.Tensor4D>(sum, [1, 2, 0, 3]),
    [0, 0, 0, 0],
    filter,
  );
}
