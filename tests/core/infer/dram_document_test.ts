import { assertEquals } from "@std/assert";
import { decodeDram } from "../../../core/infer/decode_dram.ts";
import { unframeStream } from "../../../core/infer/dram_frame.ts";
import { loadEncoded } from "../../../core/infer/load.ts";
import { INTEGER_GRAMMAR } from "../../../core/infer/stream/code_integer_layers.ts";
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

/** The bytes of an example. */
function bytesOf(kind: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    blockOf(kind).flatMap((line) =>
      line.split(/ {2,}/)[0].split(" ").map((byte) => parseInt(byte, 16))
    ),
  );
}

const bytes = bytesOf("hex");

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

Deno.test("the document's example of version 4 has the logits that it says", () => {
  const model = loadEncoded(decodeDram(bytesOf("hex4")));
  const pixels = Uint8Array.of(0, 10, 20, 30, 40, 50, 60, 70, 255);
  const { logits } = model.classify(pixels);
  assertEquals(logits, Float32Array.of(33 / 64, -40 / 64));
});

for (
  const [hex, trace, grammar] of [
    ["hex", "trace", PLAIN_GRAMMARS[1]],
    ["hex4", "trace4", INTEGER_GRAMMAR],
  ] as const
) {
  Deno.test(`the decoder takes the steps of ${trace}, each with its probability`, () => {
    const decoder = new RangeDecoder(unframeStream(bytesOf(hex)).stream);
    const lines: string[] = [];
    let steps: string[] = [];
    codeModel({
      code(probability) {
        const bit = decoder.code(probability);
        steps.push(`${probability}:${bit}`);
        return bit;
      },
    }, {
      grammar,
      mark(place) {
        const index = "tensor" in place ? ` ${place.tensor}` : "";
        lines.push(`${place.part}${index}: ${steps.join(" ")}`.trimEnd());
        steps = [];
      },
    });
    assertEquals(lines, blockOf(trace));
  });
}
