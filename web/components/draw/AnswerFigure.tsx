import type { DrawState } from "./draw_state.ts";

/** The answer, large; empty where there is none. */
export function AnswerFigure({ state }: { state: DrawState }) {
  const best = state.answer.value?.best;
  const long = best && [...best.label].length > 2;
  return (
    <p
      class={`notranslate draw-digit ${long ? "draw-name" : ""}`}
      data-testid="answer"
      data-revision={state.revision.value.answered}
    >
      {best && <bdi>{best.label}</bdi>}
    </p>
  );
}
