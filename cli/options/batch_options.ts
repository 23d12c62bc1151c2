import type { OptionTable } from "./option.ts";

/** Options that say how many images an epoch and a step take. */
export function batchOptions(batchSize: number) {
  return {
    examples: {
      kind: "integer",
      min: 1,
      usual: "as many as there are training images",
      help: "images an epoch",
    },
    batch: {
      kind: "integer",
      min: 1,
      max: 60_000,
      default: batchSize,
      help: "images a step",
    },
  } as const satisfies OptionTable;
}
