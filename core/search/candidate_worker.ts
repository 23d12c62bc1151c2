import { encodeDram } from "../compress/code/encode_dram.ts";
import { trainCompact } from "../compress/compact/train_compact.ts";
import type { Examples } from "../data/dataset.ts";
import { classifyParts } from "../infer/classify_parts.ts";
import { load } from "../infer/load.ts";
import { scoreAnswers } from "../infer/score_answers.ts";
import { parseLayers } from "../models/parse_layers.ts";
import { serveGroups } from "../study/serve_groups.ts";
import { configurationOf } from "./search_training.ts";
import type {
  CandidateEvent,
  CandidateSource,
  CandidateTask,
  TrainedCandidate,
} from "./train_candidate.ts";

serveGroups<
  CandidateSource,
  CandidateTask,
  CandidateEvent,
  Omit<TrainedCandidate, "seconds">
>(
  async (
    { labels, pool, validation, test, training },
    { candidate, files },
    { onEvent, onNote, signal },
  ) => {
    const { shape: input } = pool.examples;
    const { encoded } = await trainCompact({
      spec: parseLayers(candidate.layers, { input, classes: labels.length }),
      configuration: configurationOf(candidate, training),
      labels,
      pool,
      validation,
    }, {
      ...files,
      signal,
      onNote,
      onResume: ({ phase, epochs }) =>
        onEvent({
          kind: "epochs",
          epochs: epochs.map((each) => ({ ...each, phase })),
        }),
      onProgress({ kind, phase, step, steps, epoch, ...scores }) {
        onEvent({ kind: "progress", done: step / steps });
        if (kind !== "epoch" || !scores.validation) return;
        const [training] = scores.training;
        const [validation] = scores.validation;
        const told = { epoch, phase, training, validation };
        onEvent({ kind: "epochs", epochs: [told] });
      },
    });
    const dram = encodeDram(encoded);
    // From here on the file alone counts, as a user would read it.
    const model = load(dram);
    const accuracyOf = async (examples: Examples) =>
      scoreAnswers(
        await classifyParts(model.classify, examples),
        examples.labels,
      ).accuracy;
    return {
      dram,
      validation: await accuracyOf(validation.examples),
      test: await accuracyOf(test),
    };
  },
);
