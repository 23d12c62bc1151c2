import { assertEquals } from "@std/assert";
import { writeOnnx, writeProductOnnx } from "../../../core/export/onnx.ts";
import { permute } from "../../../core/files/permute.ts";
import { loadModel } from "../../../core/models/formats/load_model.ts";
import type { ModelSpec } from "../../../core/models/spec.ts";
import { initialWeights } from "../../../core/models/initialise.ts";
import { parseLayers } from "../../../core/models/parse_layers.ts";
import { teacherSpec } from "../../../core/models/teacher.ts";

const { success: hasOnnx } = await new Deno.Command("/usr/bin/python3", {
  args: ["-c", "import onnx"],
  stdout: "null",
  stderr: "null",
}).output().catch(() => ({ success: false }));

/** What ONNX's own checker and shape inference make of a file, its weights by name. */
const READ = `
import json, sys, onnx
from onnx import numpy_helper, shape_inference
model = onnx.load(sys.argv[1])
onnx.checker.check_model(model, full_check=True)
inferred = shape_inference.infer_shapes(model, strict_mode=True).graph
shape = lambda info: [d.dim_value for d in info.type.tensor_type.shape.dim]
print(json.dumps({
    "operators": [node.op_type for node in model.graph.node],
    "attributes": [{a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
                   for node in model.graph.node if node.op_type in ("Conv", "LeakyRelu")],
    "shapes": {info.name: shape(info) for info in [
        *inferred.input, *inferred.value_info, *inferred.output]},
    "weights": {each.name: numpy_helper.to_array(each).tolist()
                for each in model.graph.initializer if len(each.raw_data) < 100}}))
`;

async function readByPython(bytes: Uint8Array) {
  const file = await Deno.makeTempFile({ suffix: ".onnx" });
  await Deno.writeFile(file, bytes);
  const { success, stdout, stderr } = await new Deno.Command(
    "/usr/bin/python3",
    { args: ["-c", READ, file] },
  ).output();
  const decoder = new TextDecoder();
  assertEquals([success, decoder.decode(stderr)], [true, ""]);
  return JSON.parse(decoder.decode(stdout));
}

const onnxTest = (name: string, fn: () => Promise<void>) =>
  Deno.test({
    name: `${name} (needs python3-onnx)`,
    ignore: !hasOnnx,
    fn,
  });

Deno.test("a flattened image that ends a model lies as ours do", async () => {
  const spec: ModelSpec = {
    name: "flat",
    input: [2, 2, 3],
    layers: [
      { kind: "flatten", name: "flatten" },
      { kind: "softmax", name: "softmax" },
    ],
  };
  const file = await Deno.makeTempFile({ suffix: ".onnx" });
  await Deno.writeFile(file, writeOnnx(spec, []));
  assertEquals((await loadModel(file)).spec.layers, spec.layers);
  await Deno.remove(file);
});

for (
  const text of [
    "conv3x2,flatten,res(dense24:linear)",
    "flatten,res(dense30:relu6,res(dense30)),dense5",
  ]
) {
  Deno.test(`what is exported of ${text} loads as it was`, async () => {
    const spec = parseLayers(text, { input: [6, 5, 1], classes: 3 });
    const weights = initialWeights(spec, 3);
    const file = await Deno.makeTempFile({ suffix: ".onnx" });
    await Deno.writeFile(file, writeOnnx(spec, weights));
    const loaded = await loadModel(file);
    assertEquals(loaded.weights, weights);
    assertEquals(
      loaded.spec.layers.map(({ kind }) => kind),
      spec.layers.map(({ kind }) => kind),
    );
    await Deno.remove(file);
  });
}

onnxTest(
  "ONNX's checker accepts the teacher, and finds its shapes",
  async () => {
    const spec = teacherSpec();
    const bytes = writeOnnx(spec, initialWeights(spec, 1), { batch: 3 });
    const { operators, shapes } = await readByPython(bytes);
    assertEquals(
      operators.join(" "),
      "Conv Relu Conv Relu MaxPool Flatten Gemm Relu Gemm Identity",
    );
    assertEquals([shapes.input, shapes.pool, shapes.flatten, shapes.output], [
      [3, 1, 28, 28],
      [3, 64, 12, 12],
      [3, 9216],
      [3, 10],
    ]);
  },
);

onnxTest("strides, paddings, groups and means are ONNX's", async () => {
  const spec = parseLayers("conv3x4/2:same,depth3:linear,pool3,mean");
  const bytes = writeOnnx(spec, initialWeights(spec, 1), { batch: 1 });
  const { operators, attributes, shapes } = await readByPython(bytes);
  assertEquals(
    operators.join(" "),
    "Conv Relu Conv AveragePool GlobalAveragePool Flatten Gemm Identity",
  );
  const kernel_shape = [3, 3];
  assertEquals(attributes, [
    { kernel_shape, strides: [2, 2], pads: [0, 0, 1, 1], group: 1 },
    { kernel_shape, strides: [1, 1], pads: [0, 0, 0, 0], group: 4 },
  ]);
  assertEquals(["conv1", "depth1", "pool1"].map((name) => shapes[name]), [
    [1, 4, 14, 14],
    [1, 4, 12, 12],
    [1, 4, 4, 4],
  ]);
});

onnxTest("a leaky relu is ONNX's, of our slope", async () => {
  const spec = parseLayers("conv3x4:linear,mean,dense5:leaky");
  const bytes = writeOnnx(spec, initialWeights(spec, 1), { batch: 1 });
  const { operators, attributes } = await readByPython(bytes);
  assertEquals(
    operators.join(" "),
    "Conv GlobalAveragePool Flatten Gemm LeakyRelu Gemm Identity",
  );
  assertEquals(attributes.at(-1), { alpha: 0.125 });
});

onnxTest(
  "rows behind a flattened image are in the order of its channels",
  async () => {
    // 1×2 pixels of 2 channels, one unit: weight i is of place i / 2, channel i % 2.
    const spec = {
      name: "rows",
      input: [1, 2, 2] as const,
      layers: [
        { kind: "dropout", name: "dropout", rate: 0.5 } as const,
        { kind: "flatten", name: "flatten" } as const,
        { kind: "dropout", name: "dropout2", rate: 0.5 } as const,
        {
          kind: "dense",
          name: "logits",
          units: 1,
          activation: "linear",
        } as const,
        { kind: "softmax", name: "softmax" } as const,
      ],
    };
    const weights = [
      { shape: [4, 1], values: Float32Array.of(0, 1, 2, 3) },
      { shape: [1], values: Float32Array.of(0.5) },
    ];
    const bytes = writeOnnx(spec, weights, { batch: 1 });
    const read = await readByPython(bytes);
    assertEquals(read.weights, {
      "logits.kernel": [[0], [2], [1], [3]],
      "logits.bias": [0.5],
    });
    const first = await readByPython(
      writeOnnx(spec, weights, { batch: 1, last: "flatten" }),
    );
    assertEquals([first.operators, first.weights], [
      ["Flatten", "Identity"],
      {},
    ]);
  },
);

onnxTest("a product of matrices is checked too", async () => {
  const { operators, shapes } = await readByPython(writeProductOnnx(200));
  assertEquals([operators, shapes.y], [["MatMul"], [200, 200]]);
});

Deno.test("axes are put in another order", () => {
  const x = { shape: [2, 3], values: Float32Array.of(0, 1, 2, 3, 4, 5) };
  assertEquals(permute(x, [1, 0]), {
    shape: [3, 2],
    values: Float32Array.of(0, 3, 1, 4, 2, 5),
  });
  assertEquals(permute(x, [0, 1]), x);
});
