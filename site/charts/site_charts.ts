import { type PlotOptions, renderPagePlot } from "../../core/charts/plot.ts";
import type { SiteModel, SiteStudy } from "../site_data.ts";
import { bytesChart } from "./bytes_chart.ts";
import { type ChartData, gatherChartData } from "./chart_data.ts";
import { type ChartSize, NARROW, TALL, WIDE } from "./chart_size.ts";
import { hiddenChart } from "./hidden_chart.ts";
import { parametersChart } from "./parameters_chart.ts";
import type { SiteChart } from "./site_chart.ts";
import { sizeChart } from "./size_chart.ts";
import { stepsChart } from "./steps_chart.ts";

const NINES = "The axis of accuracy is logarithmic in the error rate.";

/** A chart with what stands around it. */
interface ChartPlan {
  name: string;
  title: string;
  caption: string;
  /** Its size in a wide column. */
  size: ChartSize;
  draw: (data: ChartData, size: ChartSize) => PlotOptions;
}

function planCharts({ violations, published }: ChartData): ChartPlan[] {
  const references = published.length === 0 ? ["", ""] : [
    "Triangles are published models at their test accuracy, filled where they were chosen apart from the test set. ",
    "; published models as triangles, sizes as published",
  ];
  const pairs = violations.length === 0
    ? "No pair breaks monotonicity: every larger student is more accurate than every smaller one of its kind."
    : `Bands join the ${violations.length} ${
      violations.length === 1 ? "pair" : "pairs"
    } in which the smaller student is at least as accurate as the larger.`;
  return [
    {
      name: "steps",
      title: "Smallest size that reaches an accuracy, s(f)",
      caption:
        `For each accuracy on validation images the smallest .dram file that reaches it, and the smallest student of the sweep, mean over seeds, by its float32 parameters; small dots are students off the frontier, as float32 and as .dram files. ${
          references[0]
        }${NINES}`,
      size: TALL,
      draw: stepsChart,
    },
    {
      name: "bytes",
      title: "Test accuracy against bytes",
      caption:
        `Files by their whole length, those of the sweep's students as small dots; students of the sweep and the teacher by their parameters as float32, bars the 95% intervals over seeds${
          references[1]
        }. ${NINES}`,
      size: TALL,
      draw: bytesChart,
    },
    {
      name: "parameters",
      title: "Test accuracy against parameters",
      caption:
        `Students of the sweep as means over seeds with 95% intervals, compact files, and the teacher. ${NINES}`,
      size: WIDE,
      draw: parametersChart,
    },
    {
      name: "hidden-units",
      title: "Test accuracy against hidden units",
      caption:
        `Large marks are means over seeds, bars their 95% intervals, cut where the chart ends; small dots are single students. The series stand a little apart sideways. ${pairs} ${NINES}`,
      size: WIDE,
      draw: hiddenChart,
    },
    {
      name: "size",
      title: "Size against hidden units",
      caption:
        "All parameters as float32, the teacher's frozen convolutions included. Both axes are logarithmic.",
      size: WIDE,
      draw: sizeChart,
    },
  ];
}

/**
 * The charts of the page on the tradeoff, each for a wide column and for a phone.
 *
 * Colours are the page's: its style sheet gives each class one. Every trial of the
 * study is a point of class `point` with its key as `data-point`, a link to the
 * drawing page where one of `models` runs it. The same study gives the same text.
 */
export function drawSiteCharts(
  study: SiteStudy,
  models: readonly SiteModel[],
): SiteChart[] {
  const data = gatherChartData(study, models);
  return planCharts(data).map(({ name, title, caption, size, draw }) => ({
    ...{ name, title, caption },
    wide: renderPagePlot(title, draw(data, size)),
    narrow: renderPagePlot(title, draw(data, NARROW)),
  }));
}
