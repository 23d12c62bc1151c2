import type { Accuracy } from "../core/study/estimate.ts";
import type { SiteModel } from "./site_data.ts";

/** A model on its way to the site: its file, and what is known beside it. */
export interface ModelFile extends
  Pick<
    SiteModel,
    "name" | "family" | "title" | "hidden" | "loss" | "seed"
  > {
  /** The `.dram` file. */
  bytes: Uint8Array<ArrayBuffer>;
  /** What its manifest says that it scores; null where it has none. */
  expected: Accuracy | null;
}
