import type { Weighed } from "../core/compress/prune/thin_model.ts";
import { measureSensitivity } from "../core/compress/sensitivity/measure_sensitivity.ts";
import { writeAllAtomically } from "../core/files/write_atomically.ts";
import { drawSensitivity } from "../core/report/sensitivity_chart.ts";
import type { LabelledImages } from "../core/train/evaluate_model.ts";
import type { Io } from "./command.ts";

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
  const path = `${out.replace(/\.dram$/, "")}-sensitivity`;
  await writeAllAtomically([
    [`${path}-sparsity.svg`, drawSensitivity(sensitivity, "sparsity")],
    [`${path}-bits.svg`, drawSensitivity(sensitivity, "bits")],
    [`${path}.json`, `${JSON.stringify(sensitivity, null, 2)}\n`],
  ]);
  io.note(`sensitivity: drawn in ${path}-sparsity.svg and ${path}-bits.svg`);
}
