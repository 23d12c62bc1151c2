/**
 * Searches bars in a process of its own, which kills itself, as `kill -9` would, when
 * one epoch of one trial is told, before that is kept; for resume_test.ts.
 *
 * Arguments: the study's path, and where it ends, the trial's bits and the epoch.
 *
 * @module
 */
import { compactTrainer } from "../../../core/search/train_candidate.ts";
import { search } from "../../../core/search/search.ts";
import { SEARCH_TRAINING } from "../../../core/search/search_training.ts";
import { makeBars } from "../bars.ts";
import { fakeSearch } from "./fake_search.ts";

const [path, bits, last] = Deno.args;
const { train, validation, test, classNames } = makeBars();
const training = {
  ...SEARCH_TRAINING,
  epochs: { float: 3, quantised: 2 },
  ...{ examplesPerEpoch: 96, batchSize: 16 },
};
const trainCandidate = compactTrainer({
  pool: { examples: train },
  validation: { examples: validation },
  ...{ test, classNames, training, backend: "wasm" },
});

await search(fakeSearch(path, {
  train: (task, context) =>
    trainCandidate(task, {
      ...context,
      onEvent(event) {
        const ends = task.candidate.bits === Number(bits) &&
          event.kind === "epochs" &&
          event.epochs.some(({ epoch }) => epoch === Number(last));
        if (ends) Deno.kill(Deno.pid, "SIGKILL");
        context.onEvent(event);
      },
    }),
}, {
  training,
  space: {
    layers: ["pool2,dense4"],
    ...{ bits: [3, 4], ratePenalty: [0], seeds: [1] },
    losses: [{ kind: "cross-entropy" }],
  },
}));
