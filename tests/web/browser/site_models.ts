import type { SiteModel, SiteModels } from "../../../site/site_data.ts";

const path = new URL("../../../web/static/data/models.json", import.meta.url);
const { models }: SiteModels = JSON.parse(await Deno.readTextFile(path));

/** The models that the site can run, from the smallest file. */
export const siteModels: readonly SiteModel[] = models;

/** The one called `name`. */
export function siteModel(name: string): SiteModel {
  const found = models.find((each) => each.name === name);
  if (found === undefined) throw new Error(`The site has no model ${name}`);
  return found;
}
