import { assertEquals } from "@std/assert";
import { encodeDram } from "../../../core/compress/code/encode_dram.ts";
import { decodePng } from "../../../core/data/formats/pictures/decode_png.ts";
import { load } from "../../../core/infer/load.ts";
import { weightShapes } from "../../../core/models/cost.ts";
import { parseLayers } from "../../../core/models/parse_layers.ts";
import { listDisagreements } from "../../../site/inside/list_disagreements.ts";

Deno.test("an image of colours is shown in its colours", () => {
  const spec = parseLayers("mean", { input: [2, 3, 3], classes: 2 });
  const tensors = weightShapes(spec).map((shape) => ({
    kind: "float" as const,
    shape,
    bits: 32 as const,
    values: new Float32Array(shape.reduce((a, b) => a * b)),
  }));
  const direct = load(encodeDram({ spec, labels: ["a", "b"], tensors }));
  const images = Uint8Array.from({ length: 18 }, (_, i) => 14 * i);
  const { examples: [{ picture }] } = listDisagreements(
    { count: 1, shape: [2, 3, 3], images, labels: Uint8Array.of(1) },
    { classes: [0], teacher: [1], direct },
  );
  assertEquals([picture.width, picture.height], [3, 2]);
  const { shape, pixels } = decodePng(Uint8Array.fromBase64(picture.png));
  assertEquals(shape, [2, 3, 3]);
  assertEquals(pixels, images);
});
