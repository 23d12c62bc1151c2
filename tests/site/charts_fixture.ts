import { PUBLISHED_POINTS } from "../../core/charts/published_points.ts";
import type { SiteModel, SiteStudy } from "../../site/site_data.ts";
import { makeDetails } from "../core/report/fixture.ts";
import { makeSearchResult } from "../core/report/search_fixture.ts";

function makeModel(name: string, fields: Partial<SiteModel>): SiteModel {
  return {
    ...{
      name,
      family: "compact",
      title: "compact student",
      layers: "dense 10",
    },
    ...{ file: `/models/${name}.00000000.dram`, sha256: "00".repeat(32) },
    ...{ bytes: 777, parameters: 1400, hidden: null, loss: null, seed: null },
    ...{ accuracy: { validation: 0.985, test: 0.986 }, frontier: true },
    ...fields,
  };
}

/** The models of a site: of the study, of the search, of neither, and the teacher. */
export const MODELS: SiteModel[] = [
  makeModel("search-best", {}),
  makeModel("digits-98", { bytes: 500, seed: 1 }),
  makeModel("hidden-6", { family: "student", hidden: 6, loss: "logit-mse" }),
  makeModel("lenet-5", {
    ...{ family: "deep-compression", title: "Deep Compression" },
    ...{ bytes: 21_837, accuracy: { validation: 0.992, test: 0.9932 } },
  }),
  makeModel("teacher", {
    ...{ family: "teacher", bytes: 4_799_528, frontier: false },
  }),
];

/** A site's study of nine widths, two losses and three seeds, and a search, by formula. */
export function makeSiteStudy(name = "default"): SiteStudy {
  const { result, groups } = makeDetails(name);
  const found = makeSearchResult(name);
  const trials = found.trials.map((file, index) => ({
    ...file,
    trial: index + 1,
  }));
  const search = { ...found, trials };
  const student = { hidden: 6, dropout: 0.2, loss: "logit-mse", seed: 2 };
  return {
    made: ["deno task sweep"],
    ...{ result, groups, search, published: [...PUBLISHED_POINTS] },
    modelOfTrial: {
      students: [{ ...student, model: "hidden-6" }],
      search: [{ trial: search.trials[0].trial, model: "search-best" }],
    },
  };
}
