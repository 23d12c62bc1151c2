import type { SitePoint } from "../../../site/charts/site_point.ts";
import {
  compareWithLabels,
  countViolations,
  listBeaten,
} from "../../../site/charts/study_findings.ts";
import type { SiteStudy } from "../../../site/site_data.ts";

interface FindingProps {
  study: SiteStudy;
  points: SitePoint[];
}

/** What the study found, in words, computed from it. */
export function Findings({ study, points }: FindingProps) {
  const { pairs, sure } = countViolations(study);
  const published = points.filter(({ kind }) => kind === "published");
  const beaten = listBeaten(points);
  return (
    <ul class="findings">
      {compareWithLabels(points).map(({ title, widths, better }) => (
        <li key={title}>
          Students {title}{" "}
          are more accurate on test than students from labels only at{" "}
          {formatNone(better)} of {widths} widths.
        </li>
      ))}
      <li>
        {pairs === 0
          ? "Accuracy is monotone in size: every larger student of the sweep is more accurate than every smaller one of its kind."
          : `Accuracy is not strictly monotone in size: in ${
            formatPairs(pairs)
          } of the sweep's students the smaller is at least as accurate as the larger. The 95% interval of the difference excludes 0 in ${
            formatNone(sure)
          } of them.`}
      </li>
      {published.length > 0 && (
        <li>
          Of the {published.length} published models shown,{" "}
          {formatNone(beaten.length)}{" "}
          are both larger and no more accurate than one of our files.
        </li>
      )}
    </ul>
  );
}

function formatPairs(pairs: number): string {
  return pairs === 1 ? "1 pair" : `${pairs} pairs`;
}

function formatNone(count: number): string {
  return count === 0 ? "none" : String(count);
}
