/** What answers are taken from: the direct path, or one of tfjs's backends. */
export type CertifiedBackend = "direct" | "cpu" | "wasm" | "webgpu" | "c";

/** What a worker of {@linkcode certify} is asked for: a file's answers to some images. */
export interface CertificateTask {
  /** The file. */
  bytes: Uint8Array<ArrayBuffer>;
  backend: CertifiedBackend;
  /** Pixels `[n, height, width, channels]`. */
  images: Uint8Array<ArrayBuffer>;
}

/** What it answers. */
export type CertificateAnswer =
  | {
    /** `[n, classes]`. */
    logits: Float32Array<ArrayBuffer>;
    /** Bounds on their rounding error, `[n]`; of the direct path only. */
    bounds?: Float64Array<ArrayBuffer>;
    /** The WebGPU adapter's name; null on the other backends. */
    adapter: string | null;
    /** tfjs's version; null on the direct path. */
    tfjs: string | null;
  }
  /** Why there is no such backend here. */
  | { absent: string };
