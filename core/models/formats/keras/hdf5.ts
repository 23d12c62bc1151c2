import type { FloatArray } from "../../../files/safetensors.ts";

/** What a worker is to read of an HDF5 file. */
export interface Hdf5Task {
  bytes: Uint8Array<ArrayBuffer>;
  /** The package's module. */
  module: string;
  /** The group whose numbers are read, those of groups in it too. */
  group: string;
  /** Bytes that all of them may take as float32. */
  most: number;
}

/** What it has read. */
export interface Hdf5Content {
  /** Attributes of the file that are texts. */
  attributes: Record<string, string>;
  /** Numbers by their path within the group; none where there is no such group. */
  arrays: Record<string, FloatArray> | null;
}

/** What it says at the end. */
export type Hdf5Word = { content: Hdf5Content } | { refused: string };
