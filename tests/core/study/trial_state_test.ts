import { assertEquals, assertThrows } from "@std/assert";
import { ensureStudy } from "../../../core/study/run_study.ts";
import type { Study } from "../../../core/study/study.ts";
import {
  SEARCH_FORMAT,
  SWEEP_FORMAT,
} from "../../../core/study/study_format.ts";
import type { TrialState } from "../../../core/study/trial_state.ts";

type SearchStudy = Study<typeof SEARCH_FORMAT>;

const SETTING = {
  teacher: "",
  dataset: { name: "d", sha256: {}, split: { seed: 0, validation: 0 } },
  training: {},
};
const LOSS = { kind: "logit-mse" } as const;

/** Lets `body` have a search of one trial, and its number. */
function withTrial(body: (study: SearchStudy, path: string) => void): void {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/search.db`;
  try {
    using study = ensureStudy(path, SEARCH_FORMAT, SETTING);
    study.plan([{
      layers: "dense2",
      bits: 3,
      ratePenalty: 0,
      loss: LOSS,
      seed: 1,
      parameters: 9,
      estimatedBytes: 50,
    }]);
    body(study, path);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function finish(study: SearchStudy): void {
  study.finish([{
    id: 1,
    result: { seconds: 1, validationAccuracy: 0.5, testAccuracy: 0.5 },
    model: Uint8Array.of(1, 2, 3),
    epochs: [],
  }]);
}

/** What leads to each state, from planned. */
const WAYS: Record<TrialState, (study: SearchStudy) => void> = {
  planned() {},
  training: (study) => study.begin([1]),
  done(study) {
    study.begin([1]);
    finish(study);
  },
  failed(study) {
    study.begin([1]);
    study.close([1], "failed", "why");
  },
  stopped: (study) => study.close([1], "stopped", "why"),
};

/** What takes a trial to each state, but back to planned. */
const MOVES: [TrialState, (study: SearchStudy) => void][] = [
  ["training", (study) => study.begin([1])],
  ["done", finish],
  ["failed", (study) => study.close([1], "failed", "later")],
  ["stopped", (study) => study.close([1], "stopped", "later")],
];

/** Where each state may lead, but back to planned. */
const LEGAL: [TrialState, TrialState[]][] = [
  ["planned", ["training", "stopped"]],
  ["training", ["done", "failed", "stopped"]],
  ["done", []],
  ["failed", []],
  ["stopped", []],
];

for (const [from, next] of LEGAL) {
  for (const [to, move] of MOVES) {
    if (next.includes(to)) {
      Deno.test(`a trial that is ${from} may become ${to}`, () =>
        withTrial((study) => {
          WAYS[from](study);
          move(study);
          assertEquals(study.list().map(({ state }) => state), [to]);
        }));
    } else {
      Deno.test(`a trial that is ${from} can't become ${to}, and stays as it is`, () =>
        withTrial((study) => {
          WAYS[from](study);
          const before = study.list();
          assertThrows(() => move(study), Error, `before: it is ${from}`);
          assertEquals(study.list(), before);
          assertEquals(before[0].state, from);
        }));
    }
  }
}

Deno.test("a trial that is trained is planned in the file, whatever becomes of its process", () =>
  withTrial((study, path) => {
    study.begin([1]);
    using other = ensureStudy(path, SEARCH_FORMAT, SETTING);
    assertEquals(other.list().map(({ state }) => state), ["planned"]);
    study.release([1]);
    assertEquals(study.list().map(({ state }) => state), ["planned"]);
    study.begin([1]);
  }));

Deno.test("failed trials are planned again, and stopped ones, each when that is asked for", () => {
  for (const state of ["failed", "stopped"] as const) {
    withTrial((study) => {
      WAYS[state](study);
      study.replan(state === "failed" ? "stopped" : "failed");
      assertEquals(study.list()[0].state, state);
      study.replan(state);
      assertEquals(
        study.list().map(({ state, error }) => [state, error]),
        [["planned", ""]],
      );
    });
  }
});

Deno.test("a trial of a sweep is never stopped: its study has no such end", () => {
  const folder = Deno.makeTempDirSync();
  {
    using study = ensureStudy(`${folder}/study.db`, SWEEP_FORMAT, SETTING);
    study.plan([{ hidden: 2, dropout: 0, loss: LOSS, seed: 1 }]);
    assertThrows(
      () => study.close([1], "stopped", "why"),
      Error,
      "trials of `deno task sweep` end as done or failed",
    );
    assertThrows(() => study.begin([2]), RangeError, "there is none");
    assertEquals(study.list()[0].state, "planned");
  }
  Deno.removeSync(folder, { recursive: true });
});
