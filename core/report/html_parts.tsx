/** @jsxRuntime automatic */
/** @jsxImportSource npm:preact@10.29.8 */
import type { JSX } from "npm:preact@10.29.8";
import type { StudyResult } from "../sweep/result.ts";
import type { Chart } from "../charts/charts.ts";
import {
  formatAccuracy,
  formatBytes,
  formatCount,
} from "../text/format_numbers.ts";
import { UNKNOWN_SPLIT } from "./results_table.ts";

/** Charts with their captions. */
export function Figures({ charts }: { charts: Chart[] }): JSX.Element {
  return (
    <>
      {charts.map(({ name, caption, svg }) => (
        <figure key={name} id={name}>
          <div dangerouslySetInnerHTML={{ __html: svg }} />
          <figcaption>{caption}</figcaption>
        </figure>
      ))}
    </>
  );
}

/** Teacher, data and backend. */
export function Provenance(
  { of }: { of: Pick<StudyResult, "teacher" | "dataset" | "backend"> },
): JSX.Element {
  const { teacher, dataset, backend } = of;
  return (
    <dl>
      <dt>Teacher</dt>
      <dd>
        {formatCount(teacher.parameters)} parameters,{" "}
        {formatBytes(teacher.bytes)}; validation{" "}
        {formatAccuracy(teacher.accuracy.validation)}, test{" "}
        {formatAccuracy(teacher.accuracy.test)}
        {teacher.split === "unknown" && `. ${UNKNOWN_SPLIT}`}
      </dd>
      <dt>Data</dt>
      <dd>
        {dataset.name}: {formatCount(dataset.train)} images to train,{" "}
        {formatCount(dataset.validation)} to choose by,{" "}
        {formatCount(dataset.test)} to report
      </dd>
      {Object.entries(dataset.sha256).map(([name, hash]) => (
        <>
          <dt key={name}>SHA-256, {name}</dt>
          <dd>
            <code>{hash}</code>
          </dd>
        </>
      ))}
      <dt>Backend</dt>
      <dd>{[backend.name, backend.adapter].filter(Boolean).join(", ")}</dd>
    </dl>
  );
}

/** Time in minutes and seconds: `3 min 20 s`. */
export function formatMinutes(seconds: number): string {
  const minutes = Math.floor(Math.round(seconds) / 60);
  const rest = `${Math.round(seconds) % 60} s`;
  return minutes > 0 ? `${formatCount(minutes)} min ${rest}` : rest;
}

/** `text` with a capital first. */
export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
