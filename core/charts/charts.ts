import { describeLoss } from "../train/losses/losses.ts";
import type { StudyDetails } from "../sweep/result.ts";
import { drawAccuracyByHidden } from "./accuracy_by_hidden.ts";
import { drawAccuracyByParameters } from "./accuracy_by_parameters.ts";
import { drawConfusionMatrix } from "./confusion_matrix.ts";
import { formatCount } from "../text/format_numbers.ts";
import { drawFrontierSteps } from "./frontier_steps.ts";
import { listLosses } from "./series.ts";
import { drawSizeByHidden } from "./size_by_hidden.ts";
import { drawTrainingCurves } from "./training_curves.ts";

/** A chart with what stands around it. */
export interface Chart {
  /** Name of its file, without extension. */
  name: string;
  /** What it shows, in a sentence or two of plain text. */
  caption: string;
  /** The chart, as a standalone SVG document. */
  svg: string;
}

const INTERVALS =
  "Large marks are means over seeds, bars their 95% intervals, small dots single students; the series stand a little apart sideways.";

/**
 * Every chart of a study, in the order of the report.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { drawCharts } from "./charts.ts";
 * import { makeDetails } from "../../tests/core/report/fixture.ts";
 *
 * const [chart] = drawCharts(makeDetails());
 * assertEquals(chart.name, "accuracy-by-hidden-units");
 * ```
 */
export function drawCharts(details: StudyDetails): Chart[] {
  const { dataset } = details.result;
  const { student } = details.confusion;
  const trained = details.curves.filter(({ epochs }) => epochs.length > 0);
  return [
    {
      name: "accuracy-by-hidden-units",
      caption:
        `Test accuracy against hidden units. ${INTERVALS} The accuracy's axis is logarithmic in the error rate.`,
      svg: drawAccuracyByHidden(details),
    },
    {
      name: "accuracy-by-parameters",
      caption:
        `Test accuracy against parameters, the teacher's among them. ${INTERVALS}`,
      svg: drawAccuracyByParameters(details),
    },
    {
      name: "size-by-hidden-units",
      caption:
        "Size against hidden units: bytes of all parameters as float32, the frozen convolutions' included.",
      svg: drawSizeByHidden(details),
    },
    {
      name: "frontier",
      caption:
        "The frontier s(f): the smallest size that reaches accuracy f on the validation images, mean over seeds. Rings are the accuracies asked for; grey dots are students off the frontier.",
      svg: drawFrontierSteps(details),
    },
    ...listLosses(trained).flatMap((loss) =>
      (["accuracy", "loss"] as const).map((measure): Chart => ({
        name: `training-${measure}-${fileName(loss)}`,
        caption: `Validation ${measure} by epoch, ${
          describeLoss(loss)
        }: a line a width, the mean over its seeds.`,
        svg: drawTrainingCurves(details, loss, measure),
      }))
    ),
    {
      name: "confusion-matrix",
      caption: `The ${
        formatCount(dataset.test)
      } test images by true and predicted class, as the student of ${
        formatCount(student.hidden)
      } hidden units sees them (${
        describeLoss(student.loss)
      }, dropout ${student.dropout}, seed ${student.seed}).`,
      svg: drawConfusionMatrix(details),
    },
  ];
}

/** `text` as a part of a file's name: letters, digits and hyphens. */
function fileName(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9.]+/g, "-").replace(/^-|-$/g, "");
}
