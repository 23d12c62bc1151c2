import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  compareOriginal,
  proveOriginal,
} from "../../../core/export/prove_original.ts";
import { prepareDirect } from "../../../core/infer/load.ts";
import { initialWeights } from "../../../core/models/initialise.ts";
import { parseLayers } from "../../../core/models/parse_layers.ts";
import { loadModel } from "../../../core/models/formats/load_model.ts";
import { readTfjsFiles } from "../../../core/models/formats/model_json.ts";
import { randomStream } from "../../../core/random/stream.ts";
import { graphOf } from "../models/formats/graph_model/graph_of.ts";
import {
  withGraph,
  writeGraph,
} from "../models/formats/graph_model/write_graph.ts";
import { SPEC, withSaved } from "../models/formats/saved_model.ts";

/** Logits of two images, their probabilities, and the logarithms of those. */
const LOGITS = Float32Array.of(1, 3, 2, 8, -1, 0);
const softmax = (row: number[]) => {
  const sum = row.reduce((total, value) => total + Math.exp(value), 0);
  return row.map((value) => Math.exp(value) / sum);
};
const PROBABILITIES = Float32Array.from([
  ...softmax([1, 3, 2]),
  ...softmax([8, -1, 0]),
]);

const compare = (answers: Float32Array) =>
  compareOriginal(LOGITS, answers, { width: 3, asked: "another runtime" });

Deno.test("answers are compared as what the file ends in", () => {
  const shifted = LOGITS.map((logit, i) => logit + (i === 4 ? 1e-4 : 0));
  const plain = compare(shifted);
  assertEquals([plain.images, plain.compared], [2, "logits"]);
  assertAlmostEquals(plain.largestDifference, 1e-4, 1e-6);
  for (
    const [answers, compared] of [
      [PROBABILITIES, "probabilities"],
      [PROBABILITIES.map(Math.log), "log-probabilities"],
    ] as const
  ) {
    const found = compare(answers);
    assertEquals(found.compared, compared);
    assertAlmostEquals(found.largestDifference, 0, 1e-6);
  }
});

Deno.test("answers of sigmoids are compared as such, though several be 1", () => {
  const logits = Float32Array.of(1, 30, 29, 2, -1, 0);
  const answers = logits.map((z) => 1 / (1 + Math.exp(-z)));
  answers[2] = 1;
  answers[1] = 1 - 2 ** -24;
  const asked = { width: 3, asked: "it", ends: "sigmoids" } as const;
  const { compared, largestDifference } = compareOriginal(
    logits,
    answers,
    asked,
  );
  assertEquals(compared, "sigmoids");
  assert(largestDifference < 1e-6);
  const other = answers.with(3, 0.1);
  assertThrows(() => compareOriginal(logits, other, asked), Error, "class");
});

Deno.test("one sigmoid's answers are compared as two classes' probabilities", () => {
  const asked = { width: 2, asked: "it", ends: "one sigmoid" } as const;
  const logits = Float32Array.of(0, Math.log(3), 0, -Math.log(3));
  const found = compareOriginal(logits, Float32Array.of(0.75, 0.25), asked);
  assertEquals([found.images, found.compared], [2, "probabilities"]);
  assertAlmostEquals(found.largestDifference, 0, 1e-6);
  assertThrows(
    () => compareOriginal(logits, Float32Array.of(0.25, 0.25), asked),
    Error,
    "image 0 gets class 0 there, and 1 here",
  );
});

for (
  const [what, answers, message] of [
    ["another class", [3, 1, 2, 8, -1, 0], "image 0 gets class 0 there, and 1"],
    ["another number", [1, 3, 2, 8, -1, 0.1], "largest difference of logits"],
    ["a number that isn't finite", [1, 3, NaN, 8, -1, 0], "image 0 gets NaN"],
    ["fewer answers", [1, 3, 2], "3 answers for 6"],
  ] as const
) {
  Deno.test(`${what} is no proof`, () => {
    assertThrows(() => compare(Float32Array.from(answers)), Error, message);
  });
}

/** Images of SPEC's input. */
const random = randomStream(5, "originals");
const IMAGES = Uint8Array.from(
  { length: 20 * 36 },
  () => random.below(256),
);

/** Proves what is loaded from `folder`, and gives what comes of it. */
async function prove(folder: string, { bgr }: { bgr?: boolean } = {}) {
  const model = await loadModel(folder, { bgr });
  const { logits } = prepareDirect(model.spec, model.weights, ["a", "b", "c"])
    .classify(Float32Array.from(IMAGES, (byte) => byte / 255));
  const files = await readTfjsFiles(folder);
  return {
    model,
    logits,
    files,
    proof: await proveOriginal(model, files, { images: IMAGES, logits }),
  };
}

Deno.test("a LayersModel is proven by stock tfjs on its own files", async () => {
  await withSaved(() => {}, async (folder) => {
    const { proof, model, logits, files } = await prove(folder);
    if ("absent" in proof) throw new Error(proof.absent);
    assertEquals(
      [proof.runtime, proof.images, proof.compared],
      ["tfjs 4.22.0, wasm", 20, "probabilities"],
    );
    assert(proof.largestDifference < 1e-5);
    const other = { ...files, data: files.data.map((byte) => byte ^ 128) };
    await assertRejects(
      () => proveOriginal(model, other, { images: IMAGES, logits }),
      Error,
      "Cannot import the model: it must answer as in tfjs 4.22.0",
    );
  });
});

for (const units of [1, 3]) {
  Deno.test(`a LayersModel that ends in ${units} sigmoid${units > 1 ? "s" : ""} is proven by stock tfjs on its own files`, async () => {
    await withSaved((saved) => {
      saved.set("logits", { units, activation: "sigmoid" });
      saved.layers.pop(); // the softmax
      const [kernel, bias] = saved.group.weights.slice(-2);
      Object.assign(kernel, { shape: [8, units] });
      Object.assign(bias, { shape: [units] });
      // Of one unit, its kernel and bias are of the first of those that were there.
      const less = 9 * (3 - units) * Float32Array.BYTES_PER_ELEMENT;
      saved.bytes = saved.bytes.slice(0, saved.bytes.length - less);
    }, async (folder) => {
      const { proof, model } = await prove(folder);
      if ("absent" in proof) throw new Error(proof.absent);
      assertEquals(model.ends, units === 1 ? "one sigmoid" : "sigmoids");
      assertEquals([proof.images, proof.compared], [
        20,
        units === 1 ? "probabilities" : "sigmoids",
      ]);
      assert(proof.largestDifference < 1e-5);
    });
  });
}

Deno.test("what stock tfjs doesn't read isn't asked, and it is said why", async () => {
  await withSaved((saved) => {
    saved.layer("conv").class_name = "Convolution2D";
  }, async (folder) => {
    const { proof } = await prove(folder);
    assertStringIncludes(
      "absent" in proof && proof.absent,
      "stock tfjs doesn't run it: Unknown",
    );
  });
});

for (
  const [what, inputType] of [
    ["a GraphModel that scales pixels of 0 to 255 down itself", "DT_FLOAT"],
    ["a GraphModel that reads whole numbers", "DT_INT32"],
  ] as const
) {
  Deno.test(`${what} is proven by stock tfjs on its own files`, async () => {
    const made = graphOf(SPEC, initialWeights(SPEC, 4), 255);
    const cast = inputType === "DT_INT32";
    const [[name, operator, [, ...inputs] = [], more], ...rest] = made.nodes;
    const written = writeGraph({
      ...made,
      inputType,
      nodes: cast
        ? [
          ["m/cast", "Cast", ["x"], { DstT: { type: "DT_FLOAT" } }],
          [name, operator, ["m/cast", ...inputs], more],
          ...rest,
        ]
        : made.nodes,
    });
    await withGraph(written, async (folder) => {
      const { proof, model } = await prove(folder);
      assertEquals(model.format, "tfjs-graph-model");
      assertEquals(model.reads?.scale, 255);
      if ("absent" in proof) throw new Error(proof.absent);
      assertEquals([proof.images, proof.compared], [20, "probabilities"]);
      assert(proof.largestDifference < 1e-5);
    });
  });
}

Deno.test("the original of a model that reads blue first is shown blue first", async () => {
  const spec = parseLayers("conv2x4,flatten", { input: [4, 3, 3], classes: 3 });
  const made = graphOf(spec, initialWeights(spec, 6));
  await withGraph(writeGraph(made), async (folder) => {
    const { proof } = await prove(folder, { bgr: true });
    assertEquals("absent" in proof || proof.images, 20);
  });
});

for (const batch of [1, 3]) {
  Deno.test(`the original of a GraphModel that takes ${batch} at once is asked so`, async () => {
    const { input, ...made } = graphOf(SPEC, initialWeights(SPEC, 4));
    const written = writeGraph({ ...made, input: [batch, ...input.slice(1)] });
    await withGraph(written, async (folder) => {
      const { proof } = await prove(folder);
      if ("absent" in proof) throw new Error(proof.absent);
      assertEquals(proof.images, 20);
    });
  });
}
