/** @jsxRuntime automatic */
/** @jsxImportSource npm:preact@10.29.8 */
import type { JSX } from "npm:preact@10.29.8";
import { findFrontier } from "../sweep/frontier.ts";
import type { FrontierPoint, StudyDetails } from "../sweep/result.ts";
import type { Chart } from "../charts/charts.ts";
import {
  formatAccuracy,
  formatCompression,
  formatCount,
  formatEstimate,
  formatGoal,
} from "../text/format_numbers.ts";
import { formatUnits } from "../text/format_units.ts";
import {
  capitalise,
  Figures,
  formatMinutes,
  Provenance,
} from "./html_parts.tsx";
import { HTML_STYLE } from "./html_style.ts";
import {
  ComparisonTable,
  FrontierTable,
  GroupTable,
  ViolationTable,
} from "./html_tables.tsx";
import { excludesZero } from "./results_table.ts";
import { describeLoss } from "../train/losses/losses.ts";

interface PageProps {
  details: StudyDetails;
  charts: Chart[];
  /** The accuracy that the answer is about. */
  accuracy: number;
}

/** The whole report, from `<html>`. */
export function Page({ details, charts, accuracy }: PageProps): JSX.Element {
  const { result, failures } = details;
  const [chosen] = findFrontier(details.groups, [accuracy]);
  const training = charts.filter(({ name }) => name.startsWith("training-"));
  const confusion = charts.filter(({ name }) => name === "confusion-matrix");
  const others = charts.filter((chart) =>
    !training.includes(chart) && !confusion.includes(chart)
  );
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>{`${result.study}: how small can the student be?`}</title>
        <style dangerouslySetInnerHTML={{ __html: HTML_STYLE }} />
      </head>
      <body>
        <h1>How small can the student be?</h1>
        <p class="byline">
          Study {result.study} · {result.dataset.name} ·{" "}
          {result.students.length} students · {formatMinutes(result.seconds)}
        </p>
        <Answer details={details} chosen={chosen} accuracy={accuracy} />
        <p class="note">
          In both kinds of student the convolutions are the teacher's, frozen;
          only the layers after them learn, from the teacher's logits or from
          the labels. Every choice (epoch, dropout, width) is made on the{" "}
          {formatCount(result.dataset.validation)} validation images; the{" "}
          {formatCount(result.dataset.test)} test images are only reported.
        </p>
        <h2>Students</h2>
        <ComparisonTable details={details} chosen={chosen} />
        <Figures charts={others.slice(0, 2)} />
        <h2>The frontier</h2>
        <FrontierTable details={details} />
        <Figures charts={others.slice(2)} />
        <h2>Is accuracy monotone in size?</h2>
        <Monotone details={details} />
        <h2>Training</h2>
        <Figures charts={training} />
        <h2>Mistakes</h2>
        <Figures charts={confusion} />
        <h2>How it was made</h2>
        <Provenance of={result} />
        {failures.length > 0 && <Failures details={details} />}
        <h2>Every student</h2>
        <GroupTable details={details} />
      </body>
    </html>
  );
}

/** The smallest model that reaches `accuracy`, in a sentence. */
function Answer(
  { details, chosen, accuracy }: {
    details: StudyDetails;
    chosen?: FrontierPoint;
    accuracy: number;
  },
): JSX.Element {
  const { teacher } = details.result;
  if (!chosen) {
    return (
      <p class="answer">
        No student of this study reaches {formatGoal(accuracy)} on validation.
      </p>
    );
  }
  return (
    <p class="answer">
      The smallest model at ≥ {formatGoal(accuracy)} has{" "}
      <strong>{formatUnits(chosen.hidden)}</strong>:{" "}
      {formatCount(chosen.parameters)} parameters, {formatCount(chosen.bytes)}
      {" "}
      bytes, {formatCompression(chosen.compression)} smaller than its teacher.
      {" "}
      {capitalise(describeLoss(chosen.loss))}, it scores{" "}
      <span class="whole">{formatEstimate(chosen.test)}</span>{" "}
      on test, where the teacher scores {formatAccuracy(teacher.accuracy.test)}.
    </p>
  );
}

/** Whether f1 < f2 implies s(f1) < s(f2), and the pairs against it. */
function Monotone({ details }: { details: StudyDetails }): JSX.Element {
  const { violations } = details.result.monotone;
  if (violations.length === 0) {
    return (
      <p>
        It is: every larger model is more accurate on test than every smaller
        one that was trained by the same loss and dropout.
      </p>
    );
  }
  const sure = violations.filter(({ interval }) => excludesZero(interval));
  return (
    <>
      <p>
        Not strictly: in {violations.length}{" "}
        {violations.length === 1 ? "pair" : "pairs"}{" "}
        the smaller model is at least as accurate on test. The interval of the
        difference excludes 0 in {sure.length} of{" "}
        {violations.length}; the others may be chance.
      </p>
      <ViolationTable details={details} />
    </>
  );
}

/** Trials that failed, with their messages. */
function Failures({ details }: { details: StudyDetails }): JSX.Element {
  return (
    <>
      <h2>Failures</h2>
      <ul>
        {details.failures.map(({ hidden, dropout, loss, seed, error }) => (
          <li key={`${hidden} ${dropout} ${loss} ${seed}`}>
            {formatUnits(hidden)}, dropout {dropout}, {describeLoss(loss)}, seed
            {" "}
            {seed}: {error}
          </li>
        ))}
      </ul>
    </>
  );
}
