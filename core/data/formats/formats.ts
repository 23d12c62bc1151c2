import type { DataFormat } from "./format.ts";
import { IDX } from "./idx_folder.ts";

/** Names of the forms of data that are read. */
export type DataFormatName = "idx";

/** Each form of data, in the order in which they are asked. */
export const DATA_FORMATS = {
  idx: IDX,
} as const satisfies { [Name in DataFormatName]: DataFormat };
