// How fast a black box answers, beside its runtime alone: `deno run -A
// tests/bench/black_box.ts [--json]`. The box gets bytes, as many at once as teaching asks
// for, through its process; the runtime has floats at hand, in a process that does nothing
// else. They take turns, and the medians are compared.
import { fileURLToPath } from "node:url";
import { interleave } from "../../bench/interleave.ts";
import { openBox } from "../../core/models/formats/black_box.ts";
import { loadTeacher } from "../../core/models/formats/load_model.ts";
import { randomStream } from "../../core/random/stream.ts";
import { packageFlags } from "../../core/runtimes/start_runtime.ts";
import { formatTextTable } from "../../core/text/text_table.ts";
import { draw } from "../core/models/formats/onnx/made_models.ts";
import {
  type Made,
  writeModel,
} from "../core/models/formats/onnx/write_model.ts";

const RUNS = Number(Deno.env.get("RUNS") ?? 15);
/** Images that the runtime alone takes at once. */
const BATCH = 128;
const SIDE = 28;

/** Networks of MNIST's images, ended by a Concat that makes no row of them. */
const NETWORKS: Record<string, { count: number; made: Made }> = {
  "the seed's teacher": {
    count: 8 * BATCH,
    made: {
      input: ["n", 1, SIDE, SIDE],
      nodes: [
        ["Conv", ["x", "conv1"], "a"],
        ["Relu", ["a"], "b"],
        ["Conv", ["b", "conv2"], "c"],
        ["Relu", ["c"], "d"],
        ["MaxPool", ["d"], "e", { kernel_shape: [2, 2], strides: [2, 2] }],
        ["Flatten", ["e"], "f"],
        ["Gemm", ["f", "fc1"], "g"],
        ["Relu", ["g"], "h"],
        ["Gemm", ["h", "fc2"], "z"],
        ["Concat", ["z"], "y", { axis: 1 }],
      ],
      tensors: {
        conv1: draw(32, 1, 3, 3),
        conv2: draw(64, 32, 3, 3),
        fc1: draw(9216, 128),
        fc2: draw(128, 3),
      },
    },
  },
  "two small convolutions": {
    count: 64 * BATCH,
    made: {
      input: ["n", 1, SIDE, SIDE],
      nodes: [
        ["Conv", ["x", "conv1"], "a", { strides: [2, 2] }],
        ["Relu", ["a"], "b"],
        ["Conv", ["b", "conv2"], "c"],
        ["Relu", ["c"], "d"],
        ["GlobalAveragePool", ["d"], "e"],
        ["Flatten", ["e"], "f"],
        ["Gemm", ["f", "fc"], "z"],
        ["Concat", ["z"], "y", { axis: 1 }],
      ],
      tensors: {
        conv1: draw(16, 1, 3, 3),
        conv2: draw(32, 16, 3, 3),
        fc: draw(32, 3),
      },
    },
  },
};

/** A process that runs `model` alone, on `count` images a run. */
function startAlone(model: string, count: number) {
  const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...packageFlags(path("../../core/runtimes/onnxruntime_web.lock")),
      path("runtime_alone.ts"),
      ...[model, `${count}`, `${BATCH}`, `${SIDE}`],
    ],
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  return {
    /** Milliseconds that a run takes, as it says itself. */
    async run(): Promise<number> {
      await writer.write(Uint8Array.of(1));
      const { value } = await lines.read();
      return Number(value);
    },
    async end(): Promise<void> {
      await writer.close();
      await lines.cancel();
      await child.status;
    },
  };
}

const folder = await Deno.makeTempDir();
const rows = [];
for (const [network, { count, made }] of Object.entries(NETWORKS)) {
  const model = `${folder}/model.onnx`;
  await Deno.writeFile(model, writeModel(made));
  const box = await loadTeacher(model);
  if (box.kind === "row") throw new Error("it must be a black box");
  const random = randomStream(1, "bench");
  const images = Uint8Array.from(
    { length: count * SIDE * SIDE },
    () => random.below(256),
  );
  await using open = await openBox(box);
  const alone = startAlone(model, count);
  const size = open.atOnce * SIDE * SIDE;
  const outcomes = await interleave([
    {
      async run() {
        const began = performance.now();
        let answered: Promise<unknown> = Promise.resolve();
        for (let first = 0; first < images.length; first += size) {
          const answer = open.answer(images.slice(first, first + size));
          await answered;
          answered = answer;
        }
        await answered;
        return performance.now() - began;
      },
    },
    { run: alone.run },
  ], { least: RUNS, most: RUNS, budget: 0 });
  await alone.end();
  const [own, bare] = outcomes.map((outcome) => {
    if ("error" in outcome) throw outcome.error;
    return outcome.milliseconds.toSorted((a, b) => a - b)[RUNS >> 1];
  });
  rows.push({
    network,
    images_per_second: Math.round(1000 * count / own),
    alone: Math.round(1000 * count / bare),
    ratio: bare / own,
  });
}
await Deno.remove(folder, { recursive: true });
console.log(
  Deno.args.includes("--json") ? JSON.stringify(rows) : formatTextTable(
    [
      { heading: "network", align: "left" },
      { heading: "images/s", align: "right" },
      { heading: "runtime alone", align: "right" },
      { heading: "share", align: "right" },
    ],
    rows.map(({ network, images_per_second, alone, ratio }) => [
      network,
      images_per_second.toLocaleString("en"),
      alone.toLocaleString("en"),
      ratio.toFixed(3),
    ]),
  ),
);
