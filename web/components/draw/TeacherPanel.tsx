import { useSignalEffect } from "@preact/signals";
import { useRef, useState } from "preact/hooks";
import { formatBytes, formatCount } from "../../../core/text/format_numbers.ts";
import type { DrawState } from "./draw_state.ts";
import { formatPercent } from "../format_percent.ts";
import type { ModelFacts } from "./model_facts.ts";
import { keepTeacher, type Teacher } from "./teacher.ts";

function TeacherAnswer(
  { teacher, label }: { teacher: Teacher; label: string | undefined },
) {
  const best = teacher.answer.value?.best;
  if (!best) {
    return <span>Draw, and the teacher answers when you lift the pen.</span>;
  }
  return (
    <span key={`${best.label} ${best.probability} ${label}`}>
      The teacher says <strong>{best.label}</strong>, probability{" "}
      {formatPercent(best.probability, 1)}:{" "}
      {best.label === label ? "they agree" : "they disagree"}.
    </span>
  );
}

/** The teacher beside its student, fetched only when asked for. */
export function TeacherPanel(
  { state, facts }: { state: DrawState; facts: ModelFacts },
) {
  const { bytes, parameters, test } = facts;
  const ratio = Math.round(bytes / state.choice.chosen.value.bytes);
  const panel = useRef<HTMLElement>(null);
  const [teacher] = useState(() =>
    keepTeacher(facts, state.files, (text) => state.message.value = text)
  );
  useSignalEffect(() => {
    const { image } = state.settled.value;
    // After the small model's answer is on the screen: this takes longer.
    const timer = setTimeout(() => teacher.ask(image));
    return () => clearTimeout(timer);
  });
  const loaded = teacher.loaded.value;
  const load = () => {
    teacher.load();
    panel.current?.focus(); // The button goes.
  };
  return (
    <section data-testid="teacher" tabIndex={-1} ref={panel}>
      <h2>What it learned from</h2>
      <p>
        <span key={ratio}>
          The teacher has {formatCount(parameters)} parameters and reads{" "}
          {formatPercent(test, 2)} of the test images
          {ratio > 1 && <>, at {formatCount(ratio)} times the bytes</>}.
        </span>
      </p>
      {teacher.ready.value
        ? (
          <p data-testid="teacher-answer" role="status">
            <TeacherAnswer
              teacher={teacher}
              label={state.settled.value.answer?.best.label}
            />
          </p>
        )
        : loaded === null
        ? (
          <button type="button" onClick={load}>
            Compare with the teacher ({formatBytes(bytes)})
          </button>
        )
        : (
          <p class="row">
            <progress
              aria-label="Loading the teacher"
              max={bytes}
              value={loaded}
            />
            <span class="number note notranslate">
              {formatBytes(loaded)} of {formatBytes(bytes)}
            </span>
          </p>
        )}
    </section>
  );
}
