/**
 * What writes a model in the forms of other runtimes, and proves that they answer alike.
 *
 * @module
 */
export * from "./exporter.ts";
export {
  EXPORTERS,
  isExportFormat,
  listExportFormats,
  TINY_PAGE,
} from "./exporters.ts";
export * from "./prove_export.ts";
export * from "./prove_original.ts";
export { QR_BYTES } from "./tiny_page.ts";
export type { TfjsOriginal } from "../models/formats/model_json.ts";
