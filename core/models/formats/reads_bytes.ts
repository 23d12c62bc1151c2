import { SMALL_FACTOR } from "./pixel_scale.ts";

/** An operator, by ONNX' name or TensorFlow's, with what it reads and gives. */
interface ScalingNode {
  operator: string;
  inputs: readonly string[];
  outputs: readonly string[];
}

/** Operators that lay an image's numbers anew, or keep them. */
const LAID = [
  ...["Identity", "Cast", "Transpose", "Reshape", "Squeeze", "Unsqueeze"],
  ...["ExpandDims", "StopGradient", "Flatten"],
];
/** Those that shift them. */
const SHIFTED = ["Add", "AddV2", "Sub", "BiasAdd"];

/** By how much `node` multiplies `name`, at most; `undefined` where it does something else. */
function factorOf(
  { operator, inputs: [first, second] }: ScalingNode,
  name: string,
  numbersOf: (name: string) => ArrayLike<number> | undefined,
): number | undefined {
  if (LAID.includes(operator)) return first === name ? 1 : undefined;
  const numbers = numbersOf(first === name ? second : first);
  if (!numbers || numbers.length === 0) return undefined;
  if (SHIFTED.includes(operator)) return 1;
  const sizes = Array.from(numbers, Math.abs);
  if (operator === "Mul") return Math.max(...sizes);
  const isDivision = operator === "Div" || operator === "RealDiv";
  return isDivision && first === name ? 1 / Math.min(...sizes) : undefined;
}

/**
 * Whether a graph that reads images as `input` scales them by 1/16 or less before anything
 * else, as one does that was made for pixels of 0 to 255. `numbersOf` gives a few numbers
 * that lie in the file.
 */
export function readsBytes(
  nodes: readonly ScalingNode[],
  input: string,
  numbersOf: (name: string) => ArrayLike<number> | undefined,
): boolean {
  const readers = new Map<string, ScalingNode[]>();
  for (const node of nodes) {
    for (const name of new Set(node.inputs)) {
      const own = readers.get(name) ?? [];
      own.push(node);
      readers.set(name, own);
    }
  }
  let factor = 1;
  let at = input;
  // No further than there are nodes: a graph may turn in a circle.
  for (let step = 0; step < nodes.length; step++) {
    const [reader, ...more] = readers.get(at) ?? [];
    if (!reader || more.length > 0) break;
    const own = factorOf(reader, at, numbersOf);
    if (own === undefined) break;
    factor *= own;
    at = reader.outputs[0] ?? "";
  }
  return factor <= SMALL_FACTOR;
}
