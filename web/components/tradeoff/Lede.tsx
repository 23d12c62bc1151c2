import {
  formatAccuracy,
  formatBytes,
  formatCount,
  formatGoal,
} from "../../../core/text/format_numbers.ts";
import { formatUnits } from "../../../core/text/format_units.ts";
import { findSmallest } from "../../../site/charts/find_smallest.ts";
import type { SitePoint } from "../../../site/charts/site_point.ts";
import { TARGET } from "./target_range.ts";

/** The answer to the question of the page, computed from its points. */
export function Lede({ points }: { points: SitePoint[] }) {
  const { file, group } = findSmallest(points, TARGET.start);
  const teacher = points.find(({ kind }) => kind === "teacher");
  return (
    <p class="lede">
      {teacher && (
        <>
          The teacher takes {formatBytes(teacher.bytes)} and is right on{" "}
          {formatAccuracy(teacher.test.mean)} of the test images. To reach{" "}
          {formatGoal(TARGET.start)} on validation images
        </>
      )}
      {group && (
        <>
          , students that keep its convolutions need{" "}
          {formatUnits(group.hidden ?? 0)}, {formatBytes(group.bytes)}
        </>
      )}
      {file && <>; a compact file needs {formatCount(file.bytes)} bytes</>}.
    </p>
  );
}
