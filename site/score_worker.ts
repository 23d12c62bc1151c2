// A worker of classifyInWorkers: classes of some images by all models.
import { decodeTensor } from "../core/infer/decode_tensor.ts";
import { serveTask } from "../core/workers/serve_task.ts";
import { classifyTogether } from "./classify_together.ts";
import type { ScoreTask } from "./score_task.ts";

/** Images between two reports. */
const BATCH = 250;

serveTask(({ models, images }: ScoreTask, { emit }) => {
  const size = models[0].spec.input.reduce((a, b) => a * b);
  const classify = classifyTogether(
    models.map(({ spec, tensors }) => ({
      spec,
      weights: tensors.map(decodeTensor),
    })),
  );
  const count = images.length / size;
  const classes = models.map(() => new Uint16Array(count));
  for (let first = 0; first < count; first += BATCH) {
    const part = images.subarray(first * size, (first + BATCH) * size);
    classify(part).forEach((answers, model) =>
      classes[model].set(answers, first)
    );
    emit(part.length / size);
  }
  return Promise.resolve(classes);
});
