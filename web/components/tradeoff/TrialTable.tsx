import {
  formatAccuracy,
  formatCount,
  formatInterval,
} from "../../../core/text/format_numbers.ts";
import type { SitePoint } from "../../../site/charts/site_point.ts";
import { linkModel } from "../link_model.ts";

interface TrialProps {
  /** What the rows are, in a word or two. */
  name: string;
  /** What the columns count. */
  caption: string;
  points: SitePoint[];
}

/** Points of the charts as a table to open, each with a link to its model. */
export function TrialTable({ name, caption, points }: TrialProps) {
  return (
    <details>
      <summary>{name} ({formatCount(points.length)})</summary>
      <div class="table" role="region" aria-label={name} tabIndex={0}>
        <table class="trials">
          <caption>{caption}</caption>
          <thead>
            <tr>
              <th scope="col">Model</th>
              <th scope="col" class="number">Seeds</th>
              <th scope="col" class="number">Parameters</th>
              <th scope="col" class="number">Bytes</th>
              <th scope="col" class="number">Validation</th>
              <th scope="col" class="number">Test</th>
              <th scope="col">95% interval</th>
              <th scope="col">Try</th>
            </tr>
          </thead>
          <tbody>
            {points.map((point) => <Row key={point.key} point={point} />)}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function Row({ point }: { point: SitePoint }) {
  const { title, note, seeds, parameters, bytes, validation, test, model } =
    point;
  const hasInterval = test.low !== test.high;
  return (
    <tr>
      <th scope="row">
        {title}
        {note && <span class="note">{note}</span>}
      </th>
      <td class="number">{seeds.join(", ") || "–"}</td>
      <td class="number">
        {parameters === null ? "–" : formatCount(parameters)}
      </td>
      <td class="number">{formatCount(bytes)}</td>
      <td class="number">
        {validation ? formatAccuracy(validation.mean) : "–"}
      </td>
      <td class="number">{formatAccuracy(test.mean)}</td>
      <td>{hasInterval ? formatInterval([test.low, test.high]) : "–"}</td>
      <td>
        {model
          ? (
            <a href={linkModel(model)} aria-label={`Draw with ${model}`}>
              Draw
            </a>
          )
          : "–"}
      </td>
    </tr>
  );
}
