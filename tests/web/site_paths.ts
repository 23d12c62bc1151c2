import site from "../../web/static/data/models.json" with { type: "json" };
import samples from "../../web/static/data/samples.json" with { type: "json" };

/** The pages. */
export const PAGES = ["/", "/tradeoff", "/inside"] as const;

/** What programs read. */
export const DATA = [
  "/healthz",
  "/api/models",
  "/api/study",
  "/api/study.csv",
] as const;

/** The names of the models that pages may be asked to show. */
export const MODELS = site.models.map(({ name }) => name);

/** Files whose names have the hash of their bytes. */
export const HASHED = [...site.models.map(({ file }) => file), samples.file];

/** Files of static/ that keep their names from build to build. */
export const FILES = ["/styles.css", "/sw.js", "/manifest.webmanifest"];
