// A worker of askDeno: what a module that classifies says of images.
import { serveTask } from "../workers/serve_task.ts";

/** What is asked of which module. */
export interface ModuleTask {
  /** Where it lies. */
  url: string;
  images: Uint8Array<ArrayBuffer>;
  /** Pixels of an image. */
  size: number;
  classes: number;
}

/** A module that this or another version has exported. */
interface ClassifyingModule {
  default(pixels: Uint8Array): { logits: Float32Array };
}

serveTask(
  async (
    { url, images, size, classes }: ModuleTask,
  ): Promise<Float32Array<ArrayBuffer>> => {
    const { default: classify }: ClassifyingModule = await import(url);
    const count = images.length / size;
    const logits = new Float32Array(count * classes);
    for (let image = 0; image < count; image++) {
      const pixels = images.subarray(image * size, (image + 1) * size);
      logits.set(classify(pixels).logits, image * classes);
    }
    return logits;
  },
);
