import { serveText } from "../../serve_text.ts";
import models from "../../static/data/models.json" with { type: "json" };

/** The models of the site, as JSON. */
export const handler = serveText(
  () => `${JSON.stringify(models)}\n`,
  "application/json; charset=utf-8",
);
