import {
  formatAccuracy,
  formatBytes,
  formatCount,
} from "../../../core/text/format_numbers.ts";
import { formatUnits } from "../../../core/text/format_units.ts";
import type { Smallest } from "../../../site/charts/find_smallest.ts";
import type { SitePoint } from "../../../site/charts/site_point.ts";
import { linkModel } from "../link_model.ts";
import { TARGET } from "./target_range.ts";

interface TargetProps {
  target: number;
  smallest: Smallest;
  ask: (accuracy: number) => void;
}

/** A slider over accuracies, and the smallest models that reach the one asked for. */
export function TargetPanel({ target, smallest, ask }: TargetProps) {
  const { file, group } = smallest;
  return (
    <section class="target-panel" aria-labelledby="target-title">
      <h2 id="target-title">How accurate must it be?</h2>
      <form method="get" action="/tradeoff">
        <label for="target">
          At least{" "}
          <output for="target" class="notranslate">
            {formatAccuracy(target)}
          </output>{" "}
          on validation images
        </label>
        <input
          id="target"
          name="target"
          type="range"
          data-testid="target"
          {...{ min: TARGET.min, max: TARGET.max, step: TARGET.step }}
          value={target}
          onInput={(event) => ask(event.currentTarget.valueAsNumber)}
        />
        <noscript>
          <button type="submit">Show</button>
        </noscript>
      </form>
      <dl class="answers" aria-live="polite" data-testid="smallest">
        <dt>Smallest file</dt>
        <dd>
          {file
            ? (
              <Answer
                key={file.key}
                point={file}
                size={`${formatCount(file.bytes)} bytes`}
                more={file.title}
              />
            )
            : <span>No file of ours reaches it.</span>}
        </dd>
        <dt>Fewest hidden units</dt>
        <dd>
          {group
            ? (
              <Answer
                key={group.key}
                point={group}
                size={formatUnits(group.hidden ?? 0)}
                more={`${formatBytes(group.bytes)} as float32`}
              />
            )
            : <span>No student of the sweep reaches it.</span>}
        </dd>
      </dl>
    </section>
  );
}

/** A model that reaches the accuracy, its size first. */
function Answer(
  { point, size, more }: { point: SitePoint; size: string; more: string },
) {
  const { model, test } = point;
  return (
    <>
      <strong class="number">{size}</strong>
      <span class="note">{more}, test {formatAccuracy(test.mean)}</span>
      {model && <a href={linkModel(model)}>Draw with it</a>}
    </>
  );
}
