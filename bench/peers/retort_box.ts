// Retort as a peer of the benchmark that runs ONNX files as black boxes, by ONNX Runtime in
// a process of its own: `deno run retort_box.ts`.
import { writeOnnx } from "../../core/export/onnx.ts";
import { prepareDirect } from "../../core/infer/load.ts";
import { openBox } from "../../core/models/formats/black_box.ts";
import { describeBox } from "../../core/models/formats/onnx/describe_box.ts";
import { parseModel } from "../../core/models/formats/onnx/parse_model.ts";
import { areAlike } from "../../core/runtimes/are_alike.ts";
import { VERSION } from "../../core/version.ts";
import { boxImages, loadBoxNetwork } from "./box_network.ts";
import { servePeer, timeOnce } from "./serve_peer.ts";

await servePeer({
  start: () => Promise.resolve({ version: VERSION, adapter: null }),
  async prepare(task) {
    if (task.work !== "black-box") throw new Error("it runs black boxes only");
    const { network, batch, batches } = task;
    const { spec, weights } = await loadBoxNetwork(network);
    const content = writeOnnx(spec, weights, { batch });
    const source = `${network}.onnx`;
    const files = [{ name: "model.onnx", content }];
    const parts = describeBox(parseModel(content, source), files, { source });
    if (typeof parts === "string") throw new Error(parts);
    const box = await openBox({
      kind: "box",
      name: network,
      source,
      format: "onnx",
      bytes: content.length,
      reason: "it is asked as one",
      sha256: "",
      ...parts,
      output: "logits",
      takesLogarithms: false,
    });
    const size = spec.input.reduce((a, b) => a * b);
    const images = boxImages(batch * batches * size);
    // At hand, as floats are where the runtime is alone.
    const asked = Array.from(
      { length: Math.ceil(batch * batches / box.atOnce) },
      (_, i) =>
        images.slice(i * box.atOnce * size, (i + 1) * box.atOnce * size),
    );
    const [first] = asked;
    const ours = prepareDirect(spec, weights, [])
      .classify(Float32Array.from(first.slice(0, size), (byte) => byte / 255));
    const answers = await box.answer(first);
    if (!areAlike(answers.slice(0, ours.logits.length), ours.logits)) {
      throw new Error("its logits must be those of the direct path");
    }
    return async () =>
      await timeOnce(async () => {
        // As whoever learns from it does: the next are sent before these are answered.
        let answered: Promise<unknown> = Promise.resolve();
        for (const part of asked) {
          const answer = box.answer(part);
          await answered;
          answered = answer;
        }
        await answered;
      }) / batches;
  },
});
