import type { Weighed } from "../../core/compress/prune/thin_model.ts";
import { measureSensitivity } from "../../core/compress/sensitivity/measure_sensitivity.ts";
import { writeAllAtomically } from "../../core/files/write_atomically.ts";
import { drawSensitivity } from "../../core/charts/sensitivity_chart.ts";
import type { LabelledImages } from "../../core/train/evaluate_model.ts";
import type { Io } from "../command.ts";

/** Where {@linkcode drawStart} writes: two charts, then what they show. */
export function sensitivityFiles(out: string): [string, string, string] {
  const path = `${out.replace(/\.dram$/, "")}-sensitivity`;
  return [`${path}-sparsity.svg`, `${path}-bits.svg`, `${path}.json`];
}

/**
 * Measures what each layer of `model` stands, pruned and quantised, and writes that
 * beside the file `out`, as JSON and as two charts.
 */
export async function drawStart(
  model: Weighed,
  { validation: { examples }, out, io }: {
    validation: LabelledImages;
    out: string;
    io: Io;
  },
): Promise<void> {
  using progress = io.progress("sensitivity");
  const sensitivity = await measureSensitivity(model, { examples }, {
    signal: io.signal,
    onProgress: (done, total) => progress.work({ done, total, unit: "trials" }),
  });
  const [sparsity, bits, json] = sensitivityFiles(out);
  await writeAllAtomically([
    [sparsity, drawSensitivity(sensitivity, "sparsity")],
    [bits, drawSensitivity(sensitivity, "bits")],
    [json, `${JSON.stringify(sensitivity, null, 2)}\n`],
  ]);
  io.note(`sensitivity: drawn in ${sparsity} and ${bits}`);
}
