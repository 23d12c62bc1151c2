import { assertEquals } from "@std/assert";
import { decodeDram } from "../../../core/infer/decode_dram.ts";
import { unframeStream } from "../../../core/infer/dram_frame.ts";
import { PLAIN_GRAMMARS } from "../../../core/infer/stream/code_layers.ts";
import { codeModel } from "../../../core/infer/stream/code_model.ts";
import { RangeDecoder } from "../../../core/infer/stream/range_decoder.ts";

const text = await Deno.readTextFile(
  new URL("../../../core/infer/DRAM.md", import.meta.url),
);

/** Lines of the document's block of a kind. */
function blockOf(kind: string): string[] {
  const [, block] = text.split("```" + kind + "\n");
  return block.split("```")[0].trim().split("\n");
}

const bytes = Uint8Array.from(
  blockOf("hex").flatMap((line) =>
    line.split(/ {2,}/)[0].split(" ").map((byte) => parseInt(byte, 16))
  ),
);

Deno.test("the document's example is the model that it says", () => {
  const { spec, labels, tensors } = decodeDram(bytes);
  assertEquals(bytes.length, 15);
  assertEquals(spec.input, [28, 28, 1]);
  assertEquals(spec.layers, [
    { kind: "globalAveragePool2d", name: "globalAveragePool2d-1" },
    { kind: "dense", name: "dense-2", units: 10, activation: "linear" },
    { kind: "softmax", name: "softmax-3" },
  ]);
  assertEquals(labels, [..."0123456789"]);
  assertEquals(tensors, [{
    kind: "uniform",
    shape: [1, 10],
    bits: 2,
    scale: Float32Array.of(1.5),
    levels: Int8Array.of(1, 1, -2, 0, 0, -1, 1, 0, 0, 0),
  }, {
    kind: "uniform",
    shape: [10],
    bits: 2,
    scale: Float32Array.of(0.125),
    levels: Int8Array.of(-2, -2, -1, -1, -1, 0, 0, 0, 1, 1),
  }]);
});

Deno.test("the decoder takes the document's steps, each with its probability", () => {
  const decoder = new RangeDecoder(unframeStream(bytes).stream);
  const lines: string[] = [];
  let steps: string[] = [];
  codeModel({
    code(probability) {
      const bit = decoder.code(probability);
      steps.push(`${probability}:${bit}`);
      return bit;
    },
  }, {
    grammar: PLAIN_GRAMMARS[1],
    mark(place) {
      const index = "tensor" in place ? ` ${place.tensor}` : "";
      lines.push(`${place.part}${index}: ${steps.join(" ")}`);
      steps = [];
    },
  });
  assertEquals(lines, blockOf("trace"));
});
