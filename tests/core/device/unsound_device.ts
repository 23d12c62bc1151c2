/**
 * Ways for the device in use to fail, which drivers have: for tests of what is then
 * said, and that nothing is made of it.
 *
 * @module
 */
import * as tf from "../../../core/tf.ts";

function backendInUse(): tf.WebGPUBackend {
  const backend = tf.backend();
  if (backend instanceof tf.WebGPUBackend) return backend;
  throw new TypeError(`The backend must be webgpu: it is ${tf.getBackend()}`);
}

/** The device of the current backend, which must be WebGPU. */
export function deviceInUse(): GPUDevice {
  return backendInUse().device;
}

/** Has every buffer made anew: what is read before it is written is 0, not left from before. */
export function neverReuseBuffers(): void {
  const { bufferManager } = backendInUse();
  const release = bufferManager.releaseBuffer.bind(bufferManager);
  bufferManager.releaseBuffer = (buffer: GPUBuffer) => release(buffer, false);
}

/** What a device does when it is sent work. */
export type OnSubmit = (
  submit: () => void,
  count: number,
  device: GPUDevice,
) => void;

/** Has `onSubmit` decide on each submission to `device`, from the first, 1. */
export function interceptSubmissions(
  device: GPUDevice,
  onSubmit: OnSubmit,
): void {
  const { queue } = device;
  const submit = queue.submit.bind(queue);
  let count = 0;
  Object.defineProperty(queue, "submit", {
    value: (buffers: GPUCommandBuffer[]) =>
      onSubmit(() => submit(buffers), ++count, device),
  });
}

/** Drops the work of every submission from `first` on: what is read is old, or 0. */
export function dropFrom(first: number): OnSubmit {
  return (submit, count) => {
    if (count < first) submit();
  };
}

/** Drops one submission alone. */
export function dropOne(dropped: number): OnSubmit {
  return (submit, count) => {
    if (count !== dropped) submit();
  };
}

/** Is lost at submission `last`. */
export function dieAt(last: number): OnSubmit {
  return (submit, count, device) => {
    if (count === last) device.destroy();
    submit();
  };
}
