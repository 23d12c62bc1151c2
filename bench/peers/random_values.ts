import { randomStream } from "../../core/random/stream.ts";

/** `count` numbers, uniform over [0, `scale`), decided by `name`: images, for timing. */
export function randomValues(
  count: number,
  name: string,
  scale = 1,
): Float32Array<ArrayBuffer> {
  const random = randomStream(1, "bench", name);
  return Float32Array.from({ length: count }, () => random.uniform() * scale);
}

/** `count` classes below 10. */
export function randomLabels(count: number): Uint8Array<ArrayBuffer> {
  const random = randomStream(1, "bench", "labels");
  return Uint8Array.from({ length: count }, () => random.below(10));
}
