import { allocateBits } from "../quantise/allocate_bits.ts";
import type { Weighed } from "../prune/thin_model.ts";
import {
  BITS,
  measureSensitivity,
} from "../sensitivity/measure_sensitivity.ts";
import type { CompressionTask } from "./compression_task.ts";
import type { KernelBits } from "./stage.ts";

/** One bit has no 0, which pruned weights need. */
const CHOICES = BITS.filter((bits) => bits > 1);

/**
 * The bits of each kernel that `bits` asks for. Under a budget they are those that
 * lose least on validation by a sensitivity analysis ({@linkcode measureSensitivity},
 * {@linkcode allocateBits}); throws a `RangeError` where it is below what two bits a
 * weight take.
 */
export async function chooseBits(
  { validation, loss }: CompressionTask,
  model: Weighed,
  bits: KernelBits,
  signal?: AbortSignal,
): Promise<number | number[]> {
  if (typeof bits === "number" || Array.isArray(bits)) return bits;
  const options = { sparsities: [], bits: CHOICES, loss, signal };
  const sensitivity = await measureSensitivity(model, validation, options);
  const chosen = allocateBits(sensitivity.bits, bits.budget);
  return chosen.map((choice) => choice.bits);
}
