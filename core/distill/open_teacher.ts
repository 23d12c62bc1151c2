import { confirmDeviceHealthy } from "../device/health.ts";
import { unpackPixels } from "../kernels/unpack_pixels/op.ts";
import type { BlackBox } from "../models/formats/black_box.ts";
import { openBox } from "../models/formats/black_box.ts";
import type { LoadedModel } from "../models/formats/loaded_model.ts";
import { forward } from "../models/forward.ts";
import * as tf from "../tf.ts";
import { toTensor } from "../train/training_state.ts";
import {
  useWorkerBackend,
  type WorkerBackend,
} from "../train/worker_backend.ts";
import { checkLogits } from "./check_finite.ts";

/** Images that a row of layers is asked about at once. */
export const ASKED_AT_ONCE = 128;

/** What a teacher's logits need of it. */
export type AskedTeacher =
  | Pick<LoadedModel, "kind" | "spec" | "weights">
  | BlackBox;

/** A teacher, ready to be asked. */
export interface OpenTeacher {
  /** Images that it is best asked about at once. */
  atOnce: number;
  /** Logits `[n, classes]` of images `[n, h, w, c]`, all of them finite. */
  answer(images: Uint8Array<ArrayBuffer>): Promise<Float32Array>;
  /** Frees what it holds. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A row of layers, on the worker's backend. */
async function openRow(
  { spec, weights }: Pick<LoadedModel, "spec" | "weights">,
  backend: WorkerBackend,
): Promise<OpenTeacher> {
  await useWorkerBackend(backend);
  const tensors = weights.map(toTensor);
  const size = spec.input.reduce((a, b) => a * b);
  return {
    atOnce: ASKED_AT_ONCE,
    async answer(images) {
      const logits = tf.tidy(() => {
        const shape = [images.length / size, ...spec.input] as const;
        return forward(spec.layers, tensors, unpackPixels(images, [...shape]));
      }); // [n, classes]
      const values = await logits.data<"float32">();
      tf.dispose(logits);
      checkLogits(values);
      await confirmDeviceHealthy();
      return values;
    },
    [Symbol.asyncDispose]() {
      tf.dispose(tensors);
      return Promise.resolve();
    },
  };
}

/** Makes a teacher ready to be asked: a row of layers on `backend`, a black box in its runtime. */
export async function openTeacher(
  teacher: AskedTeacher,
  { backend, signal }: { backend: WorkerBackend; signal?: AbortSignal },
): Promise<OpenTeacher> {
  switch (teacher.kind) {
    case "row":
      return await openRow(teacher, backend);
    case "box":
      return await openBox(teacher, { signal });
    default:
      return teacher satisfies never;
  }
}
