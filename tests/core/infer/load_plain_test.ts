import { assertEquals, assertThrows } from "@std/assert";
import { encodeDram } from "../../../core/compress/code/encode_dram.ts";
import { load } from "../../../core/infer/load.ts";
import { loadPlain, peekPlain } from "../../../core/infer/load_plain.ts";
import { initialWeights } from "../../../core/models/initialise.ts";
import { parseLayers } from "../../../core/models/parse_layers.ts";

/** The file of a model of `text`, not trained. */
function dramOf(text: string): Uint8Array<ArrayBuffer> {
  const spec = parseLayers(text);
  return encodeDram({
    spec,
    labels: [..."0123456789"],
    tensors: initialWeights(spec, 1).map(({ shape, values }) => ({
      kind: "float",
      shape,
      bits: 32,
      values,
    })),
  });
}

Deno.test("files of versions 1 and 2 are answered as every reader answers them", () => {
  const image = Uint8Array.from({ length: 784 }, (_, i) => i * 37 % 256);
  for (
    const text of [
      "conv3x4/2:same,depth3:linear,max2,mean",
      "conv3x4/2,res(conv3x4:same:linear),pool2",
    ]
  ) {
    const bytes = dramOf(text);
    assertEquals(
      loadPlain(bytes).classify(image),
      load(bytes).classify(image),
      text,
    );
  }
});

Deno.test("a file of version 3 is refused, whatever makes it one", () => {
  for (
    const text of [
      "conv5x3x4,mean",
      "conv3x4:elu,mean",
      "max3/2,dense4",
      "most",
    ]
  ) {
    const bytes = dramOf(text);
    load(bytes);
    for (const read of [loadPlain, peekPlain]) {
      assertThrows(() => read(bytes), SyntaxError, "it is of version 3", text);
    }
  }
});
