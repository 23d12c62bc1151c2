import { formatPoints } from "../../../site/charts/format_points.ts";
import { listSitePoints } from "../../../site/charts/site_points.ts";
import { serveText } from "../../serve_text.ts";
import { models, study } from "../../site_study.ts";

/** Every trial of the charts, as CSV. */
export const handler = serveText(
  () => formatPoints(listSitePoints(study, models)),
  "text/csv; charset=utf-8; header=present",
);
