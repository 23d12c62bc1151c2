import { describeLoss } from "../../../core/train/losses/losses.ts";
import { Fragment } from "preact";

import {
  formatAccuracy,
  formatCount,
  formatEstimate,
} from "../../../core/text/format_numbers.ts";
import { describeBytes } from "../../../site/charts/point_words.ts";
import type { SitePoint } from "../../../site/charts/site_point.ts";
import { linkModel } from "../link_model.ts";

/** What is known of a point, name by name. */
function listFacts(point: SitePoint): [name: string, value: string][] {
  const { kind, hidden, loss, seeds, parameters, validation, test, note } =
    point;
  const facts: [string, string | null | undefined][] = [
    ["Hidden units", hidden !== null ? formatCount(hidden) : null],
    ["Loss", loss && describeLoss(loss)],
    [seeds.length === 1 ? "Seed" : "Seeds", seeds.join(", ")],
    ["Parameters", parameters !== null ? formatCount(parameters) : null],
    ["Size", describeBytes(point)],
    ["Validation", validation && formatAccuracy(validation.mean)],
    ["Test", formatEstimate(test)],
    [kind === "file" ? "Layers" : "Note", note],
  ];
  return facts.flatMap(([name, value]) => value ? [[name, value]] : []);
}

interface PointProps {
  point: SitePoint | null;
  close: () => void;
}

/** The trial that is pointed at. */
export function PointPanel({ point, close }: PointProps) {
  const closeAndStay = () => {
    close();
    // The button goes, and the panel with it where it lies over the charts.
    document.getElementById("main")?.focus({ preventScroll: true });
  };
  return (
    <section
      class={point ? "point-panel open" : "point-panel"}
      aria-label="Trial"
      data-testid="trial"
    >
      {point
        ? (
          <Fragment key={point.key}>
            <h2>{point.title}</h2>
            <dl class="facts">
              {listFacts(point).map(([name, value]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
            </dl>
            <p class="row">
              {point.model && (
                <a class="button primary" href={linkModel(point.model)}>
                  Draw with it
                </a>
              )}
              <button type="button" class="close" onClick={closeAndStay}>
                Close
              </button>
            </p>
          </Fragment>
        )
        : (
          <p class="note">
            Point at a mark to see its trial. By keyboard: Tab into a chart,
            then the arrow keys.
          </p>
        )}
    </section>
  );
}
