import type { StudyDetails } from "../sweep/result.ts";
import { formatEstimate } from "../text/format_numbers.ts";
import { type Markish, type ScaleOptions, text } from "./plot.ts";
import { accuracyScale } from "./scales.ts";
import { listSeries } from "./series.ts";
import { seriesMarks } from "./series_marks.ts";

/** What a student is drawn at. */
type Place = (student: { hidden: number; parameters: number }) => number;

/**
 * Test accuracy over `place`, and its scale: for each series a line through the
 * means over seeds, their 95% intervals, single seeds as faint dots, and a key.
 */
export function accuracyMarks(
  details: StudyDetails,
  place: Place,
): { marks: Markish[]; scale: ScaleOptions } {
  const { teacher, dataset } = details.result;
  const series = listSeries(details);
  const marks = series.flatMap((one, index): Markish[] => {
    const { groups, students, title, colour, symbol, glyph } = one;
    const dx = 8 * (index - (series.length - 1) / 2);
    const means = groups.map((group) => ({
      ...{ x: place(group), y: group.test.mean },
      ...{ low: group.test.low, high: group.test.high },
      name: `${group.hidden} hidden units: ${formatEstimate(group.test)}`,
    }));
    const singles = students.map((student) => ({
      ...{ x: place(student), y: student.accuracy.test },
    }));
    return [
      ...seriesMarks(means, singles, { title, colour, symbol, dx }),
      text([`${glyph} ${title}`], {
        ...{ frameAnchor: "bottom-right", dx: -8, fill: colour },
        dy: -8 - 18 * (series.length - 1 - index),
        fontWeight: 600,
        ariaDescription: "key",
      }),
    ];
  });
  const shown = series.flatMap(({ groups, students }) => [
    ...groups.flatMap(({ test }) => [test.low, test.high]),
    ...students.map(({ accuracy }) => accuracy.test),
  ]);
  return {
    marks,
    scale: accuracyScale([...shown, teacher.accuracy.test], dataset.test),
  };
}
