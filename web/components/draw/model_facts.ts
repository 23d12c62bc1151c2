import type { SiteModel } from "../../../site/site_data.ts";

/** What the page says of a model of the site. */
export interface ModelFacts
  extends Pick<SiteModel, "name" | "file" | "bytes" | "parameters"> {
  /** Share of the test images that it reads correctly. */
  test: number;
}

/**
 * What the page says of `model`: less than the site knows, for it travels with the page.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import models from "../../static/data/models.json" with { type: "json" };
 * import { modelFacts } from "./model_facts.ts";
 * import type { SiteModel } from "../../../site/site_data.ts";
 *
 * const [first] = models.models as SiteModel[];
 * assertEquals(modelFacts(first).test, first.accuracy.test);
 * ```
 */
export function modelFacts(model: SiteModel): ModelFacts {
  const { name, file, bytes, parameters, accuracy: { test } } = model;
  return { name, file, bytes, parameters, test };
}
