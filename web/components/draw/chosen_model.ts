import type { ModelFacts } from "./model_facts.ts";

/** The model that the page runs or is about to run. */
export interface ChosenModel {
  /** Whether the site, a link or a file of the user's gave it. */
  source: "site" | "link" | "file";
  /** The site's name for it, or that of the file; empty for a link's. */
  name: string;
  /** Length of its file. */
  bytes: number;
  /** Trainable numbers. */
  parameters: number;
  /** Share of test images that it reads correctly; null where nobody measured it. */
  test: number | null;
}

/**
 * A model of the site as the one that is chosen.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { siteModel } from "./chosen_model.ts";
 *
 * const facts = { name: "a", bytes: 9, parameters: 3, test: 0.5 };
 * assertEquals(siteModel({ ...facts, file: "/a" }), { source: "site", ...facts });
 * ```
 */
export function siteModel(
  { name, bytes, parameters, test }: ModelFacts,
): ChosenModel {
  return { source: "site", name, bytes, parameters, test };
}
