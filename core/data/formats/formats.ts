import { CIFAR } from "./cifar.ts";
import { CSV } from "./csv.ts";
import type { DataFormat } from "./format.ts";
import { IDX } from "./idx_folder.ts";
import { NPZ } from "./npz.ts";
import { PARQUET } from "./parquet.ts";
import { PICTURES } from "./picture_folder.ts";

/** Names of the forms of data that are read. */
export type DataFormatName =
  | "idx"
  | "cifar"
  | "npz"
  | "csv"
  | "parquet"
  | "pictures";

/** Each form of data, in the order in which they are asked. */
export const DATA_FORMATS = {
  idx: IDX,
  cifar: CIFAR,
  npz: NPZ,
  csv: CSV,
  parquet: PARQUET,
  pictures: PICTURES,
} as const satisfies { [Name in DataFormatName]: DataFormat };
