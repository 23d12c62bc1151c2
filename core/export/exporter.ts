import type { EncodedModel } from "../infer/encoded_tensor.ts";
import type { PixelScale } from "../models/formats/pixel_scale.ts";

/** Formats that a model can be exported to. */
export type ExportFormat =
  | "onnx"
  | "tflite"
  | "tfjs"
  | "safetensors"
  | "c"
  | "js"
  | "html";

/** One file of an export. */
export interface ExportedFile {
  /** One of the exporter's names. */
  name: string;
  /** All of it. */
  content: string | Uint8Array<ArrayBuffer>;
}

/** What a model takes of a microcontroller, in bytes. */
export interface Footprint {
  /** Weights, which stay in flash. */
  constants: number;
  /** Numbers between layers. */
  ram: number;
}

/** A model as another runtime reads it. */
export interface Exported {
  /** The last vouches for the others: it is written last. */
  files: ExportedFile[];
  /** What it takes of a microcontroller, if it is for such. */
  footprint?: Footprint;
}

/** What a runtime answers, or why it can't be asked here. */
export type RuntimeAnswer =
  | {
    /** Which runtime, and its version. */
    runtime: string;
    /** `[n, classes]`. */
    logits: Float32Array<ArrayBuffer>;
    /** Bytes of the model's constants and code, where a compiler has told. */
    flash?: number;
    /** What it has said against the model, a sentence each. */
    warnings?: string[];
  }
  | { absent: string };

/** What a runtime is asked. */
export interface RuntimeQuestion {
  /** The model, in this runtime's format. */
  files: readonly ExportedFile[];
  /** Extents of an image: height, width, channels. */
  input: readonly [number, number, number];
  /** Logits of an image. */
  classes: number;
  /** Pixels `[n, height, width, channels]`. */
  images: Uint8Array<ArrayBuffer>;
  /** What pixels it was made to read; divided by 255 unless given. */
  pixels?: PixelScale;
  /** Stops it. */
  signal?: AbortSignal;
}

/** How a model is written in one format, and asked in the runtime of that. */
export interface Exporter {
  /** What it is, for --help. */
  about: string;
  /** One file whose names end so, or a folder. */
  makes: { extension: string } | "folder";
  /** The names of its files: in its folder, or what ends them beside the first, which has none. */
  names: readonly string[];
  /** What its proof fetches the first time, if anything: a package and its size. */
  fetches?: string;
  /** Writes `model`: files of these names, in this order; the one without a name is called `stem`. */
  write(model: EncodedModel, stem: string): Promise<Exported> | Exported;
  /** Asks the runtime of the format for the logits of images. */
  ask(question: RuntimeQuestion): Promise<RuntimeAnswer>;
}
