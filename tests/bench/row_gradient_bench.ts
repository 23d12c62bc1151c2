// A training step of compact rows of layers, 256 images of MNIST: in one pass over images
// (`rowGradient`), and by tfjs's operations and its tape, on one thread.
import { selectExamples } from "../../core/data/dataset.ts";
import { loadMnist } from "../../core/data/mnist.ts";
import { useWasm } from "../../core/device/wasm.ts";
import { hasKernel } from "../../core/kernels/kernel.ts";
import { rowGradientKernel } from "../../core/kernels/row_gradient/op.ts";
import { parseLayers } from "../../core/models/parse_layers.ts";
import { rowStages } from "../../core/models/row_stages.ts";
import { differentiatePart } from "../../core/train/differentiate.ts";
import { imageLearner } from "../../core/train/image_learner.ts";
import { rowLearner } from "../../core/train/row_learner.ts";
import { toTensor } from "../../core/train/training_state.ts";
import * as tf from "../../core/tf.ts";

/** What recipes train, and what is to be tried with long schedules. */
const ROWS = [
  "conv5x6/2,conv3x10,max2,conv3x10",
  "conv5x6/2:leaky,conv3x10:leaky,max2,conv3x10:leaky,mean",
  "conv3x6,max2,depth3,conv1x8,max2,depth3,conv1x10,mean",
  "conv3x4:same,max2,depth3:same,conv1x8,max2,depth3:same,conv1x12,mean",
];
const BATCH = 256;

const { train } = await loadMnist();
const indices = Array.from({ length: BATCH }, (_, index) => index);
const examples = selectExamples(train, indices);
await useWasm();

for (const layers of ROWS) {
  const spec = parseLayers(layers);
  if (!rowStages(spec) || !hasKernel(rowGradientKernel)) {
    throw new Error(`${layers} doesn't go in one pass`);
  }
  const images = { examples };
  const task = {
    spec,
    training: images,
    validation: images,
    loss: { kind: "cross-entropy" },
    seed: 1,
  } as const;
  for (const [name, make] of Object.entries({ rowLearner, imageLearner })) {
    const learner = make(task);
    const weights = learner.initial.map(toTensor);
    const batch = Uint32Array.from(indices);
    Deno.bench({
      name: `${layers}, ${name}`,
      group: layers,
      baseline: name === "rowLearner",
      async fn() {
        const { gradients, outcome } = differentiatePart(
          learner,
          weights,
          batch,
          0,
        );
        await outcome.data();
        tf.dispose([...gradients, outcome]);
      },
    });
  }
}
