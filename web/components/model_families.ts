import type { ModelFamily } from "../../site/site_data.ts";

/** What menus of models call each family, in their order. */
export const MODEL_FAMILIES: Record<ModelFamily, string> = {
  compact: "Compact students",
  student: "Students of the seed experiment",
  "deep-compression": "Deep Compression",
  teacher: "The teacher",
};
