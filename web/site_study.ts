import type { SiteModel, SiteStudy } from "../site/site_data.ts";
import { type DataFacts, dataFacts } from "./components/data_facts.ts";
import { defaultModel } from "./default_model.ts";
import modelData from "./static/data/models.json" with { type: "json" };
import samples from "./static/data/samples.json" with { type: "json" };
import studyData from "./static/data/study.json" with { type: "json" };

const { result, search } = studyData;

/** What the charts and tables are drawn of. */
export const study: SiteStudy = {
  ...studyData,
  search: search as SiteStudy["search"],
  result: {
    ...result,
    teacher: result.teacher as SiteStudy["result"]["teacher"],
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

/** What the models are for. */
export const data: DataFacts = dataFacts(study, samples);

/** The model of those who ask for none. */
export const DEFAULT_MODEL = defaultModel(models);
