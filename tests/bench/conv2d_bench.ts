// The teacher's second convolution, of 16 images, and its gradients.
import * as tf from "../../core/tf.ts";
import { benchKernel, stockKernel } from "./bench_kernel.ts";
import { randomTensor } from "./random_tensor.ts";

const X = [16, 26, 26, 32] as const;
const FILTER = [3, 3, 32, 64] as const;
const DY = [16, 24, 24, 64] as const;
const ATTRIBUTES = {
  strides: 1,
  pad: "valid",
  dataFormat: "NHWC",
  dilations: [1, 1],
};

/** The kernel that is registered now, and tfjs's own. */
function contest(
  name: string,
  inputs: tf.NamedTensorMap,
  attributes: tf.NamedAttrMap,
) {
  return {
    retort: () => tf.engine().runKernel<tf.Tensor>(name, inputs, attributes),
    stock: stockKernel(name, inputs, attributes),
  };
}

benchKernel("conv2d", () => {
  const inputs = { x: randomTensor(...X), filter: randomTensor(...FILTER) };
  return contest(tf.Conv2D, inputs, ATTRIBUTES);
});

benchKernel("conv2d input gradient", () => {
  const inputs = { dy: randomTensor(...DY), filter: randomTensor(...FILTER) };
  return contest(tf.Conv2DBackpropInput, inputs, {
    ...ATTRIBUTES,
    inputShape: [...X],
  });
});

benchKernel("conv2d filter gradient", () => {
  const inputs = { x: randomTensor(...X), dy: randomTensor(...DY) };
  return contest(tf.Conv2DBackpropFilter, inputs, {
    ...ATTRIBUTES,
    filterShape: [...FILTER],
  });
}, { slow: true });
