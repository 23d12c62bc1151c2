import type { ReadonlySignal } from "@preact/signals";
import type { DataFacts } from "../data_facts.ts";
import { type Answer, MOST_SHOWN } from "./answer.ts";
import { formatCount } from "../../../core/text/format_numbers.ts";
import { formatPercent } from "../format_percent.ts";

/** Whole percents of one width, by spaces as wide as a figure: nothing moves when they change. */
function showShare(share: number): string {
  return formatPercent(share, 0).padStart(4, "\u2007");
}

/** The first of the classes of a model that has not answered. */
function listUnknown(classes: number) {
  return Array.from({ length: Math.min(classes, MOST_SHOWN) }, (_, label) => ({
    label: String(label),
    probability: 0,
  }));
}

/** How probable the model finds each class, as bars. */
export function Probabilities(
  { answer, data }: {
    answer: ReadonlySignal<Answer | null>;
    data: Pick<DataFacts, "classes">;
  },
) {
  const { best, classes = data.classes } = answer.value ?? {};
  const candidates = answer.value?.candidates ?? listUnknown(classes);
  return (
    <ol
      class="draw-bars notranslate"
      aria-label={classes > MOST_SHOWN
        ? `Probability of the ${MOST_SHOWN} most probable of ${classes} classes`
        : "Probability of each class"}
      data-testid="probabilities"
    >
      {candidates.map((candidate, place) => (
        <li key={place} class={candidate === best ? "draw-best" : undefined}>
          <bdi>{candidate.label}</bdi>
          <svg
            viewBox="0 0 100 1"
            preserveAspectRatio="none"
            aria-hidden="true"
          >
            <rect width={candidate.probability * 100} height="1" />
          </svg>
          <span class="number">
            {best && showShare(candidate.probability)}
          </span>
        </li>
      ))}
      {classes > MOST_SHOWN && (
        <li class="draw-others">of {formatCount(classes)} classes</li>
      )}
    </ol>
  );
}
