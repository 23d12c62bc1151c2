import {
  FeatureFile,
  writeFeatureRows,
} from "../../../core/distill/feature_file.ts";
import type { FeatureStore } from "../../../core/distill/feature_store.ts";

/**
 * The store with all but the largest quarter or so of its training features set to
 * 0, as most of a large teacher's are, in a file of its own.
 */
export async function thinStore(store: FeatureStore): Promise<FeatureStore> {
  const { width, parts: { train } } = store;
  using source = new FeatureFile(train, width);
  const values = source.read(
    Uint32Array.from({ length: train.count }, (_, i) => i),
  );
  const least = values.toSorted()[Math.floor(0.75 * values.length)];
  const path = `${train.path}.thin`;
  using file = await Deno.open(path, { create: true, write: true });
  const checksums = writeFeatureRows(file, train.precision, {
    start: 0,
    width,
    values: values.map((value) => value > least ? value : 0),
  });
  const thinned = { ...train, path, checksums };
  return { ...store, parts: { ...store.parts, train: thinned } };
}
