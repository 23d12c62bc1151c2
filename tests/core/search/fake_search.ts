import {
  type Candidate,
  type CandidateSpace,
  listCandidates,
} from "../../../core/search/candidate.ts";
import type { SearchOptions } from "../../../core/search/search.ts";
import { SEARCH_TRAINING } from "../../../core/search/search_training.ts";
import type { TrainCandidate } from "../../../core/search/train_candidate.ts";
import { teacherSpec } from "../../../core/models/teacher.ts";
import { makeBars } from "../bars.ts";

/** Lets `body` have a path for a study in a folder of its own. */
export async function withPath(
  body: (path: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(`${folder}/search.db`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Three widths in 3 bits, of two seeds. */
export const FAKE_SPACE: CandidateSpace = {
  layers: ["dense2", "dense4", "dense8"],
  bits: [3],
  ratePenalty: [0],
  losses: [{ kind: "logit-mse" }],
  seeds: [1, 2],
};

/** Epochs of a trial: two of free weights, two of quantised ones. */
export const EPOCHS = 4;

/** Validation accuracy of a candidate: better with more units, a little with a later seed. */
export function usualAccuracy({ layers, seed }: Candidate): number {
  return 1 - 1 / Number(layers.replace("dense", "")) ** 2 - 0.01 / seed;
}

/** Bytes of a candidate's file: more with more units, a little with a later seed. */
function usualBytes({ layers, seed }: Candidate): number {
  return 40 + 9 * Number(layers.replace("dense", "")) + seed;
}

/** A trainer without any training, which tells what it does. */
export interface FakeTrainer {
  train: TrainCandidate;
  /** `layers seed epoch` for each epoch that it has run. */
  ran: string[];
}

/** Makes a trainer whose curves follow `accuracyOf`, and whose state is its epoch. */
export function fakeTrainer(
  accuracyOf = usualAccuracy,
  beforeEpoch: (candidate: Candidate, epoch: number) => void = () => {},
  bytesOf = usualBytes,
): FakeTrainer {
  const ran: string[] = [];
  return {
    ran,
    async train({ candidate, files }, { signal, onEvent }) {
      const kept = await Promise.all(
        [files.floatCheckpoint, files.checkpoint].map((path) =>
          Deno.readTextFile(path).catch(() => "0")
        ),
      );
      for (
        let epoch = Math.max(...kept.map(Number)) + 1;
        epoch <= EPOCHS;
        epoch++
      ) {
        await Promise.resolve();
        signal.throwIfAborted();
        beforeEpoch(candidate, epoch);
        signal.throwIfAborted();
        ran.push(`${candidate.layers} ${candidate.seed} ${epoch}`);
        const accuracy = accuracyOf(candidate) * (0.6 + 0.1 * epoch);
        const score = { accuracy, loss: 1 - accuracy };
        const phase = epoch <= EPOCHS / 2 ? "float" : "quantised";
        await Deno.writeTextFile(
          phase === "float" ? files.floatCheckpoint : files.checkpoint,
          `${epoch}`,
        );
        onEvent({
          kind: "epochs",
          epochs: [{ epoch, phase, training: score, validation: score }],
        });
        onEvent({ kind: "progress", done: epoch / EPOCHS });
      }
      signal.throwIfAborted();
      const accuracy = accuracyOf(candidate);
      return {
        dram: new Uint8Array(bytesOf(candidate)).fill(candidate.bits),
        ...{ validation: accuracy, test: accuracy - 0.01, seconds: 1 },
      };
    },
  };
}

/** The options of a search over `space` into the study at `path`. */
export function fakeSearch(
  path: string,
  { train }: Pick<FakeTrainer, "train">,
  change: Partial<SearchOptions> & { space?: CandidateSpace } = {},
): SearchOptions {
  const dataset = makeBars();
  const spec = teacherSpec({ input: dataset.shape, classes: dataset.classes });
  return {
    name: "fake",
    path,
    teacher: {
      kind: "row",
      spec,
      weights: [],
      sha256: "teacher",
      bytes: 100_000,
    },
    accuracy: { validation: 0.99, test: 0.98 },
    dataset,
    candidates: listCandidates(change.space ?? FAKE_SPACE),
    training: SEARCH_TRAINING,
    backend: { name: "wasm", adapter: null, reason: "" },
    workers: 1,
    train,
    ...change,
  };
}
