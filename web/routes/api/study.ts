import { serveText } from "../../serve_text.ts";
import study from "../../static/data/study.json" with { type: "json" };

/** The sweep, the search and published models, as JSON. */
export const handler = serveText(
  () => `${JSON.stringify(study)}\n`,
  "application/json; charset=utf-8",
);
