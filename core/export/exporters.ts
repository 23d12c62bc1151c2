import { askDeno, askPage } from "./ask_deno.ts";
import { askCompiler } from "./ask_compiler.ts";
import { writeC } from "./c.ts";
import { writeHtml } from "./html.ts";
import { writeJs } from "./js.ts";
import type { Exporter, ExportFormat } from "./exporter.ts";

/** What a model can be exported to, in the order in which it is listed. */
export const EXPORTERS = {
  c: {
    about: "a C99 header",
    makes: { extension: ".h" },
    names: [""],
    write: writeC,
    ask: askCompiler,
  },
  js: {
    about: "an ES module without imports, with its types",
    makes: { extension: ".js" },
    names: [".d.ts", ""],
    write: writeJs,
    ask: askDeno,
  },
  html: {
    about: "one page to draw on or drop a picture on, without a network",
    makes: { extension: ".html" },
    names: [""],
    write: writeHtml,
    ask: askPage,
  },
} as const satisfies { readonly [Format in ExportFormat]: Exporter };

/**
 * All formats, in the order of {@linkcode EXPORTERS}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { listExportFormats } from "./exporters.ts";
 *
 * assertEquals(listExportFormats()[0], "c");
 * ```
 */
export function listExportFormats(): ExportFormat[] {
  return Object.keys(EXPORTERS).filter(isExportFormat);
}

/**
 * Whether `name` is one of {@linkcode EXPORTERS}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isExportFormat } from "./exporters.ts";
 *
 * assertEquals(["c", "cobol"].map(isExportFormat), [true, false]);
 * ```
 */
export function isExportFormat(name: string): name is ExportFormat {
  return Object.hasOwn(EXPORTERS, name);
}
