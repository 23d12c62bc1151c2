/** @jsxRuntime automatic */
/** @jsxImportSource npm:preact@10.29.8 */
import type { ComponentChildren, JSX } from "npm:preact@10.29.8";
import type { Estimate } from "../study/estimate.ts";
import type { FrontierPoint, StudyDetails } from "../sweep/result.ts";
import { compareLosses, type Comparison } from "./compare_losses.ts";
import {
  formatAccuracy,
  formatBytes,
  formatCompression,
  formatCount,
  formatDifference,
  formatGoal,
  formatInterval,
} from "../text/format_numbers.ts";
import { excludesZero } from "./results_table.ts";
import { describeLoss } from "../train/losses/losses.ts";

interface TableProps {
  /** What the table shows. */
  caption: string;
  /** Its columns; those that start with a "<" hold text, flush left. */
  headings: string[];
  children: ComponentChildren;
}

/** A table with its caption below. */
export function Table(
  { caption, headings, children }: TableProps,
): JSX.Element {
  return (
    <div class="table">
      <table>
        <caption>
          <span>{caption}</span>
        </caption>
        <thead>
          <tr>
            {headings.map((heading) => (
              <th key={heading} scope="col" class={isText(heading)}>
                {heading.replace("<", "")}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

function isText(heading: string): string | undefined {
  return heading.startsWith("<") ? "text" : undefined;
}

/** A mean, and its interval in small print. */
function Spread({ of }: { of?: Estimate }): JSX.Element {
  if (!of) return <>–</>;
  return (
    <>
      {formatAccuracy(of.mean)}
      {of.low !== of.high && <small>{formatInterval([of.low, of.high])}</small>}
    </>
  );
}

function difference({ distilled, labelsOnly }: Comparison): string {
  if (!distilled || !labelsOnly) return "–";
  return formatDifference(distilled.test.mean - labelsOnly.test.mean);
}

/** Distilled and labels-only students of each width, side by side. */
export function ComparisonTable(
  { details, chosen }: { details: StudyDetails; chosen?: FrontierPoint },
): JSX.Element {
  return (
    <Table
      caption="Test accuracy of distilled students and of students that learnt from the labels only, of the same size and at equal budget: mean over seeds, 95% interval, and the difference of the means. In bold the smallest model that reaches the accuracy asked for."
      headings={[
        "Hidden units",
        "Parameters",
        "Size",
        "Smaller",
        "Distilled",
        "Labels only",
        "Difference",
      ]}
    >
      {compareLosses(details).map((row) => (
        <tr
          key={row.hidden}
          class={row.hidden === chosen?.hidden ? "chosen" : undefined}
        >
          <td>{formatCount(row.hidden)}</td>
          <td>{formatCount(row.parameters)}</td>
          <td>{formatBytes(row.bytes)}</td>
          <td>{formatCompression(row.compression)}</td>
          <td>
            <Spread of={row.distilled?.test} />
          </td>
          <td>
            <Spread of={row.labelsOnly?.test} />
          </td>
          <td>{difference(row)}</td>
        </tr>
      ))}
    </Table>
  );
}

/** The smallest students that reach each accuracy asked for. */
export function FrontierTable(
  { details }: { details: StudyDetails },
): JSX.Element {
  return (
    <Table
      caption="s(f), the smallest size whose students reach accuracy f on the validation images, and what they score on the test images. Means over seeds; sizes as float32."
      headings={[
        "f",
        "Hidden units",
        "<Trained",
        "Parameters",
        "Size",
        "Smaller",
        "Validation",
        "Test",
      ]}
    >
      {details.result.frontier.map((point) => (
        <tr key={point.accuracy}>
          <td>≥ {formatGoal(point.accuracy)}</td>
          <td>{formatCount(point.hidden)}</td>
          <td class="text">{describeLoss(point.loss)}</td>
          <td>{formatCount(point.parameters)}</td>
          <td>{formatBytes(point.bytes)}</td>
          <td>{formatCompression(point.compression)}</td>
          <td>{formatAccuracy(point.validation.mean)}</td>
          <td>
            <Spread of={point.test} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** The pairs in which the smaller model is at least as accurate as the larger. */
export function ViolationTable(
  { details }: { details: StudyDetails },
): JSX.Element {
  return (
    <Table
      caption="Pairs in which the smaller model is at least as accurate on the test images: the smaller's accuracy less the larger's, with its 95% interval by paired bootstrap over the test images."
      headings={[
        "Smaller, units",
        "Larger, units",
        "<Trained",
        "Dropout",
        "Difference",
        "95% interval",
        "<Excludes 0",
      ]}
    >
      {details.result.monotone.violations.map((pair) => (
        <tr
          key={`${pair.smaller} ${pair.larger} ${pair.dropout} ${pair.loss}`}
        >
          <td>{formatCount(pair.smaller)}</td>
          <td>{formatCount(pair.larger)}</td>
          <td class="text">{describeLoss(pair.loss)}</td>
          <td>{pair.dropout}</td>
          <td>{formatDifference(pair.difference)}</td>
          <td>{formatInterval(pair.interval)}</td>
          <td class="text">{excludesZero(pair.interval) ? "yes" : "no"}</td>
        </tr>
      ))}
    </Table>
  );
}

/** Every group of the study. */
export function GroupTable(
  { details }: { details: StudyDetails },
): JSX.Element {
  return (
    <Table
      caption="Every student of the study, mean over seeds."
      headings={[
        "Hidden units",
        "Dropout",
        "<Trained",
        "Seeds",
        "Validation",
        "Test",
      ]}
    >
      {details.groups.map((group) => (
        <tr key={`${group.hidden} ${group.dropout} ${group.loss}`}>
          <td>{formatCount(group.hidden)}</td>
          <td>{group.dropout}</td>
          <td class="text">{describeLoss(group.loss)}</td>
          <td>{group.seeds.length}</td>
          <td>
            <Spread of={group.validation} />
          </td>
          <td>
            <Spread of={group.test} />
          </td>
        </tr>
      ))}
    </Table>
  );
}
