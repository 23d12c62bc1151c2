/** What one layer costs and stands at some number of bits. */
export interface BitsChoice {
  /** Which layer, by any number. */
  layer: number;
  /** Bits of its weights. */
  bits: number;
  /** Bytes that it takes then. */
  bytes: number;
  /** The model's loss with this layer, and no other, at these bits. */
  loss: number;
}

/** A choice for each of the first layers. */
interface Allocation<Choice> {
  choices: Choice[];
  bytes: number;
  loss: number;
}

/** The allocations that no other beats in bytes and loss, by bytes. */
function keepBest<Choice>(
  allocations: Allocation<Choice>[],
): Allocation<Choice>[] {
  const ordered = allocations.sort((a, b) =>
    a.bytes - b.bytes || a.loss - b.loss
  );
  let least = Infinity;
  return ordered.filter(({ loss }) => {
    if (loss >= least) return false;
    least = loss;
    return true;
  });
}

function checkTable(table: readonly BitsChoice[]): void {
  if (table.length === 0) {
    throw new RangeError(
      "Cannot allocate bits: there must be a choice for some layer: the table is empty",
    );
  }
  for (const { layer, bits, bytes, loss } of table) {
    if (Number.isFinite(loss) && Number.isSafeInteger(bytes) && bytes >= 0) {
      continue;
    }
    throw new RangeError(
      `Cannot allocate bits: bytes must be integers from 0 on, and losses finite: current value is ${bytes} bytes and loss ${loss} of layer ${layer} at ${bits} bits`,
    );
  }
}

/**
 * Bits for each layer that minimise Σ loss under Σ bytes ≤ `budget`, one choice of
 * `table` a layer: that what one layer loses adds to what the others do is the model
 * behind a sensitivity analysis. Exact: dynamic programming over the layers keeps every
 * allocation that no other beats in both bytes and loss.
 *
 * Returns the choices by layer, ascending. Throws a `RangeError` where the table is
 * empty, bytes are no integers from 0 on, a loss isn't finite, or the budget is below what the layers
 * take at least.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { allocateBits } from "./allocate_bits.ts";
 *
 * const chosen = allocateBits([
 *   { layer: 0, bits: 2, bytes: 10, loss: 0.5 },
 *   { layer: 0, bits: 4, bytes: 20, loss: 0.1 },
 *   { layer: 1, bits: 2, bytes: 40, loss: 0.2 },
 *   { layer: 1, bits: 4, bytes: 80, loss: 0.1 },
 * ], 60);
 * assertEquals(chosen.map(({ bits }) => bits), [4, 2]);
 * ```
 */
export function allocateBits<Choice extends BitsChoice>(
  table: readonly Choice[],
  budget: number,
): Choice[] {
  checkTable(table);
  const layers = new Map<number, Choice[]>();
  for (const choice of table) {
    layers.set(choice.layer, [...layers.get(choice.layer) ?? [], choice]);
  }
  const ordered = [...layers.keys()].sort((a, b) => a - b).map((layer) =>
    layers.get(layer) ?? []
  );
  // What the layers after each take at least: the others mustn't use it up.
  const leasts = ordered.map((choices) =>
    Math.min(...choices.map(({ bytes }) => bytes))
  );
  let rest = leasts.reduce((sum, least) => sum + least, 0);
  if (!(rest <= budget)) {
    throw new RangeError(
      `Cannot allocate bits: the layers take ${rest} bytes at least: current value of the budget is ${budget}: allow more, or prune`,
    );
  }
  let best: Allocation<Choice>[] = [{ choices: [], bytes: 0, loss: 0 }];
  for (const [index, choices] of ordered.entries()) {
    rest -= leasts[index];
    best = keepBest(best.flatMap((before) =>
      choices.map((choice) => ({
        choices: [...before.choices, choice],
        bytes: before.bytes + choice.bytes,
        loss: before.loss + choice.loss,
      })).filter(({ bytes }) => bytes + rest <= budget)
    ));
  }
  return best[best.length - 1].choices;
}
