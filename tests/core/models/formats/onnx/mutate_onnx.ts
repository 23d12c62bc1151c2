/**
 * ONNX files changed at random: by bytes, or in what they say. Each is read, or refused in
 * words; `deno task fuzz:onnx` tries 10,000.
 *
 * @module
 */
import { checkFinite } from "../../../../../core/files/safetensors.ts";
import { modelCost } from "../../../../../core/models/cost.ts";
import { loadModel } from "../../../../../core/models/formats/load_model.ts";
import { randomStream } from "../../../../../core/random/stream.ts";
import { LOADED } from "./made_models.ts";
import {
  type Made,
  type Said,
  type Stored,
  writeModel,
} from "./write_model.ts";

/** Numbers at which readers break. */
const EDGES = [
  ...[0, -1, 1, 2, 3, 4, 127, 128, 255, 65_536, 2 ** 24, 2 ** 31 - 1, 2 ** 31],
  ...[2 ** 32, 2 ** 40, Number.MAX_SAFE_INTEGER, -(2 ** 63)],
];

type RandomStream = ReturnType<typeof randomStream>;

const pick = <T>(random: RandomStream, list: readonly T[]): T =>
  list[Math.floor(random.uniform() * list.length)];

/** `bytes` with some changed, taken away, put in or repeated. */
function changeBytes(
  bytes: Uint8Array<ArrayBuffer>,
  random: RandomStream,
): Uint8Array<ArrayBuffer> {
  let changed = bytes.slice();
  for (let left = 1 + Math.floor(random.uniform() * 4); left > 0; left--) {
    const at = Math.floor(random.uniform() * (changed.length + 1));
    const end = Math.min(changed.length, at + Math.floor(random.uniform() * 9));
    const before = changed.slice(0, at);
    switch (Math.floor(random.uniform() * 6)) {
      case 0:
        if (at < changed.length) changed[at] ^= 1 << (random.uniform() * 8);
        break;
      case 1:
        if (at < changed.length) changed[at] = random.uniform() * 256;
        break;
      case 2:
        changed = before;
        break;
      case 3:
        changed = Uint8Array.from([...before, ...changed.slice(end)]);
        break;
      case 4:
        changed = Uint8Array.from([
          ...before,
          ...changed.slice(at, end),
          ...changed.slice(at),
        ]);
        break;
      default:
        if (at < changed.length) changed[at] = pick(random, [0, 127, 128, 255]);
    }
  }
  return changed;
}

/** What an attribute says, with a number of it at an edge. */
function changeSaid(said: Said, random: RandomStream): Said {
  if (typeof said === "number") return pick(random, EDGES);
  if (Array.isArray(said)) {
    const place = Math.floor(random.uniform() * (said.length + 1));
    return said.toSpliced(place, 1, pick(random, EDGES));
  }
  return pick<Said>(random, [0, [], "", "SAME_UPPER", { float: -1 }]);
}

/** A tensor of another type, of other extents, or with other numbers. */
function changeTensor(stored: Stored, random: RandomStream): Stored {
  switch (Math.floor(random.uniform() * 4)) {
    case 0:
      return { ...stored, type: pick(random, [0, 1, 2, 3, 7, 10, 11, 16, 99]) };
    case 1:
      return {
        ...stored,
        shape: stored.shape.toSpliced(
          Math.floor(random.uniform() * stored.shape.length),
          1,
          pick(random, EDGES),
        ),
      };
    case 2:
      return { ...stored, shape: stored.shape.toReversed() };
    default:
      return {
        ...stored,
        values: Array.from(
          stored.values,
          (value) => stored.type === 7 ? pick(random, EDGES) : value * 1e30,
        ),
      };
  }
}

/** A model that says something else. */
export function changeModel(made: Made, random: RandomStream): Made {
  const nodes = [...made.nodes];
  const place = Math.floor(random.uniform() * nodes.length);
  if (nodes.length === 0) return made;
  const [operator, inputs, output, attributes = {}] = nodes[place];
  const names = [
    ...["x", "y", "", "nothing"],
    ...nodes.flatMap(([, read, given]) => [...read, given].flat()),
  ];
  const tensors = { ...made.tensors };
  switch (Math.floor(random.uniform() * 9)) {
    case 0:
      nodes.splice(place, 1);
      break;
    case 1:
      nodes.splice(place, 0, nodes[place]);
      break;
    case 2:
      nodes[place] = [pick(random, made.nodes)[0], inputs, output, attributes];
      break;
    case 3:
      nodes[place] = [
        operator,
        inputs.toSpliced(
          Math.floor(random.uniform() * inputs.length),
          1,
          pick(random, names),
        ),
        output,
        attributes,
      ];
      break;
    case 4: {
      const said = Object.entries(attributes).map(([name, value]) =>
        [name, changeSaid(value, random)] as const
      );
      nodes[place] = [operator, inputs, output, Object.fromEntries(said)];
      break;
    }
    case 5:
    case 6: {
      const name = pick(random, Object.keys(tensors));
      tensors[name] = changeTensor(tensors[name], random);
      break;
    }
    case 7:
      return {
        ...made,
        input: made.input.with(
          Math.floor(random.uniform() * made.input.length),
          pick(random, EDGES),
        ),
      };
    default:
      nodes.reverse();
  }
  return { ...made, nodes, tensors };
}

/** What came of the files. */
export interface Outcome {
  read: number;
  refused: number;
}

/**
 * Loads `count` files made of those that are read, each changed as `seed` has it. Throws
 * where one is neither read nor refused in our words, or takes longer than 10 s.
 */
export async function mutateOnnx(
  { count, seed }: { count: number; seed: number },
): Promise<Outcome> {
  const made = Object.values(LOADED);
  const random = randomStream(seed, "onnx");
  const file = await Deno.makeTempFile({ suffix: ".onnx" });
  const outcome = { read: 0, refused: 0 };
  for (let index = 0; index < count; index++) {
    const model = pick(random, made);
    const bytes = random.uniform() < 0.5
      ? changeBytes(writeModel(model), random)
      : writeModel(changeModel(model, random));
    await Deno.writeFile(file, bytes);
    const start = performance.now();
    try {
      const { spec, weights } = await loadModel(file);
      modelCost(spec);
      for (const { values } of weights) {
        checkFinite(values, {
          name: "weights",
          source: "a file that was read",
        });
      }
      outcome.read++;
    } catch (error) {
      const isOurs = error instanceof SyntaxError ||
        error instanceof RangeError || error instanceof Deno.errors.NotFound;
      if (!isOurs || !/^Cannot load \S+: .+; /.test(error.message)) {
        await Deno.writeFile("mutated.onnx", bytes);
        throw new Error(
          `File ${index} of seed ${seed}, kept as mutated.onnx: ${error}`,
          { cause: error },
        );
      }
      outcome.refused++;
    }
    const seconds = (performance.now() - start) / 1000;
    if (seconds > 10) throw new Error(`File ${index} took ${seconds} s`);
  }
  await Deno.remove(file);
  return outcome;
}

if (import.meta.main) {
  const [count = 10_000, seed = 1] = Deno.args.map(Number);
  const { read, refused } = await mutateOnnx({ count, seed });
  console.log(`${count} files: ${read} read, ${refused} refused in words`);
}
