// Adam's update of the teacher's largest weight, [9216, 128].
import { adam } from "../../core/train/optimisers/adam.ts";
import * as tf from "../../core/tf.ts";
import { benchKernel } from "./bench_kernel.ts";
import { randomTensor } from "./random_tensor.ts";

benchKernel("Adam update", () => {
  const weights = [randomTensor(9216, 128)];
  const gradients = [randomTensor(9216, 128)];
  const ours = adam();
  const state = ours.start(weights);
  const theirs = tf.train.adam(1e-3);
  const variable = tf.variable(weights[0]);
  return {
    retort: () => {
      const step = ours.update({
        weights,
        gradients,
        state,
        learningRate: 1e-3,
        count: 1,
      });
      return [...step.weights, ...Object.values(step.state).flat()];
    },
    stock: () => {
      theirs.applyGradients([{ name: variable.name, tensor: gradients[0] }]);
      return tf.clone(variable);
    },
  };
});
