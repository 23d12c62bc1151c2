import { describeLoss } from "../../core/train/losses/losses.ts";
import type { PublishedPoint } from "../../core/charts/published_points.ts";
import { listLosses, LOOKS } from "../../core/charts/series.ts";
import type { MonotoneViolation } from "../../core/sweep/result.ts";
import type { SiteModel, SiteStudy } from "../site_data.ts";
import type { SitePoint } from "./site_point.ts";
import { listSitePoints } from "./site_points.ts";

/** Students of the sweep that learnt by one loss. */
export interface SiteSeries {
  /** Name of the loss. */
  loss: string;
  /** The loss in words. */
  title: string;
  /** Its class, which the style sheet colours. */
  className: string;
  symbol: (typeof LOOKS)[number]["symbol"];
  /** Means over seeds, from the fewest hidden units. */
  groups: SitePoint[];
  /** The single students. */
  students: SitePoint[];
}

/** What the charts are drawn of. */
export interface ChartData {
  /** Test images that accuracies are shares of. */
  testImages: number;
  /** Validation images. */
  validationImages: number;
  series: SiteSeries[];
  /** `.dram` files but for those of students of a width, from the smallest. */
  files: SitePoint[];
  /** `.dram` files of students of a width, from the smallest. */
  studentFiles: SitePoint[];
  teacher: SitePoint;
  published: { model: PublishedPoint; point: SitePoint }[];
  /** The pairs in which the smaller student is at least as accurate. */
  violations: MonotoneViolation[];
}

/** The points of a study, sorted for the charts. */
export function gatherChartData(
  study: SiteStudy,
  models: readonly SiteModel[],
): ChartData {
  const points = listSitePoints(study, models);
  const listKind = (kind: SitePoint["kind"]) =>
    points.filter((point) => point.kind === kind);
  const published = listKind("published");
  return {
    testImages: study.result.dataset.test,
    validationImages: study.result.dataset.validation,
    series: listLosses(study.groups).map((loss, index): SiteSeries => ({
      loss,
      title: describeLoss(loss),
      className: `series-${index + 1}`,
      symbol: LOOKS[index % LOOKS.length].symbol,
      groups: listKind("group")
        .filter((point) => point.loss === loss)
        .sort((a, b) => a.bytes - b.bytes),
      students: listKind("student").filter((point) => point.loss === loss),
    })),
    files: listKind("file").filter(({ hidden }) => hidden === null),
    studentFiles: listKind("file").filter(({ hidden }) => hidden !== null),
    teacher: listKind("teacher")[0],
    published: study.published.map((model, index) => ({
      model,
      point: published[index],
    })),
    violations: study.result.monotone.violations,
  };
}
