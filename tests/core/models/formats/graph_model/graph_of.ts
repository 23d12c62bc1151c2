import type { FloatArray } from "../../../../../core/files/safetensors.ts";
import type { ModelSpec } from "../../../../../core/models/spec.ts";
import { conv, fuse, pool } from "./made_graphs.ts";
import type { MadeGraph, MadeNode, MadeWeight } from "./write_graph.ts";

/**
 * The GraphModel that tensorflowjs_converter makes of a row like the seed's teacher:
 * convolutions, pools, a flatten and dense layers, each with its relu; of what it reads,
 * pixels are divided by `divisor` first, where that isn't 1.
 */
export function graphOf(
  { input, layers }: ModelSpec,
  weights: readonly FloatArray[],
  divisor = 1,
): MadeGraph {
  const nodes: MadeNode[] = [];
  const made: Record<string, MadeWeight> = {};
  const left = weights.values();
  let last = "x";
  let inputs = 0;
  const add = (
    name: string,
    operator: string,
    more: string[] = [],
    attributes: MadeNode[3] = {},
  ) => {
    nodes.push([name, operator, [last, ...more], attributes]);
    last = name;
  };
  if (divisor !== 1) {
    made["m/rescaling/y"] = { shape: [], values: [divisor] };
    add("m/rescaling/truediv", "RealDiv", ["m/rescaling/y"]);
  }
  for (const layer of layers) {
    const scope = `m/${layer.name}`;
    /** The layer's kernel and bias, and what is fused to it. */
    const weigh = (activation: string): [string[], string[]] => {
      for (const part of ["kernel", "bias"]) {
        const { value = { shape: [], values: [] } } = left.next();
        made[`${scope}/${part}`] = value;
        if (part === "kernel") inputs = value.shape[0];
      }
      return [
        [`${scope}/kernel`, `${scope}/bias`],
        ["BiasAdd", ...activation === "relu" ? ["Relu"] : []],
      ];
    };
    switch (layer.kind) {
      case "conv2d": {
        const [parts, words] = weigh(layer.activation);
        add(`${scope}/out`, "_FusedConv2D", parts, conv(fuse(words)));
        break;
      }
      case "maxPool2d":
        add(`${scope}/MaxPool`, "MaxPool", [], pool(Number(layer.size)));
        break;
      case "dense": {
        const [parts, words] = weigh(layer.activation);
        if (nodes.at(-1)?.[1] !== "_FusedMatMul") {
          made["m/flatten/Const"] = {
            shape: [2],
            values: [-1, inputs],
            dtype: "int32",
          };
          add("m/flatten/Reshape", "Reshape", ["m/flatten/Const"]);
        }
        add(`${scope}/out`, "_FusedMatMul", parts, {
          transpose_a: false,
          transpose_b: false,
          ...fuse(words),
        });
        break;
      }
      case "softmax":
        add("Identity", "Softmax");
        break;
      case "flatten":
      case "dropout":
        break;
      default:
        throw new Error(`no graph of ${layer.kind}`);
    }
  }
  return { input: [-1, ...input], nodes, weights: made };
}
