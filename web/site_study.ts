import type { SiteModel, SiteStudy } from "../core/site/site_data.ts";
import modelData from "./static/data/models.json" with { type: "json" };
import studyData from "./static/data/study.json" with { type: "json" };

const { result, search } = studyData;

/** What the charts and tables are drawn of. */
export const study: SiteStudy = {
  ...studyData,
  search: search as SiteStudy["search"],
  result: {
    ...result,
    monotone: {
      ...result.monotone,
      // JSON's types know of no pairs.
      violations: result.monotone.violations.map((pair) => {
        const [low, high] = pair.interval;
        return { ...pair, interval: [low, high] };
      }),
    },
  },
};

/** Every model that the site can run, from the smallest file. */
export const models = modelData.models as SiteModel[];
