/**
 * ONNX files changed at random: by bytes, or in what they say. Each is read, or refused in
 * words; `deno task fuzz:onnx` tries 10,000.
 *
 * @module
 */
import { LOADED } from "./made_models.ts";
import {
  type Made,
  type Said,
  type Stored,
  writeModel,
} from "./write_model.ts";
import {
  changeBytes,
  EDGES,
  mutateFiles,
  type Outcome,
  pick,
  type RandomStream,
  runMutation,
} from "../mutate_files.ts";

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

/** Loads `count` files made of those that are read, each changed as `seed` has it. */
export async function mutateOnnx(
  run: { count: number; seed: number },
): Promise<Outcome> {
  const made = Object.values(LOADED);
  const path = "mutated.onnx";
  return await mutateFiles({ ...run, format: "onnx", path }, (random) => {
    const model = pick(random, made);
    return {
      [path]: random.uniform() < 0.5
        ? changeBytes(writeModel(model), random)
        : writeModel(changeModel(model, random)),
    };
  });
}

if (import.meta.main) await runMutation(mutateOnnx);
