import type { SiteInside } from "../../../site/inside_data.ts";
import type { SiteModel, SiteModels } from "../../../site/site_data.ts";
import insideData from "../../static/data/inside.json" with { type: "json" };
import modelData from "../../static/data/models.json" with { type: "json" };
import { countErrors } from "./count_errors.ts";

const { models } = modelData as SiteModels;
const insides = insideData as Record<string, SiteInside>;

/** What the Inside page shows. */
export interface FoundInside {
  /** The models that can be looked into. */
  models: SiteModel[];
  /** The one asked for; null where there is none of that name. */
  chosen: { model: SiteModel; inside: SiteInside } | null;
  /** The network that they learnt from. */
  teacher: { parameters: number; errors: number };
}

/** The model `name`, among all that the site has. */
export function findInside(name: string): FoundInside {
  const inspected = models.filter((model) =>
    Object.hasOwn(insides, model.name)
  );
  const model = inspected.find((model) => model.name === name);
  const { teacher } = insides;
  return {
    models: inspected,
    chosen: model ? { model, inside: insides[model.name] } : null,
    teacher: {
      parameters: teacher.parameters,
      errors: countErrors(teacher.confusion),
    },
  };
}
