import { formatCount } from "../../../core/text/format_numbers.ts";
import type { DataFacts } from "../data_facts.ts";
import { focusCanvas } from "./Canvas.tsx";
import type { ModelChoice } from "./model_choice.ts";
import type { ModelFacts } from "./model_facts.ts";

/** What the page is for; of a model from elsewhere, that it is, and the way back. */
export function Head(
  { choice, data, first }: {
    choice: ModelChoice;
    data: DataFacts;
    first: ModelFacts;
  },
) {
  const { source, bytes } = choice.chosen.value;
  return (
    <header class="draw-head">
      <h1>{data.digits ? "Draw a digit" : "Draw"}</h1>
      <p class="lede" data-testid="origin">
        {source === "site"
          ? (
            <span key={source}>
              {data.digits
                ? "A neural network that fits in a link reads it as you draw."
                : `A small neural network, trained on ${data.title}, reads it as you draw.`}
            </span>
          )
          : (
            <span key={`${source} ${bytes}`}>
              A model from a {source}, {formatCount(bytes)} bytes, reads it.
              {" "}
              <button
                type="button"
                class="draw-back"
                onClick={() => {
                  choice.choose(first);
                  focusCanvas();
                }}
              >
                Back to ours
              </button>
            </span>
          )}
      </p>
    </header>
  );
}
