/**
 * GraphModels changed at random: by bytes, or in what they say. Each is read, or refused in
 * words; `deno task fuzz:graph` tries 10,000.
 *
 * @module
 */
import { isRecord } from "../../../../../core/files/json.ts";
import {
  changeBytes,
  EDGES,
  mutateFiles,
  type Outcome,
  pick,
  type RandomStream,
  runMutation,
} from "../mutate_files.ts";
import { GRAPHS } from "./made_graphs.ts";
import { writeGraph } from "./write_graph.ts";

/** What stands in place of a part of JSON that isn't a list or an object. */
function changeLeaf(value: unknown, random: RandomStream): unknown {
  if (typeof value === "number") return pick(random, EDGES);
  if (typeof value === "boolean") return !value;
  return pick<unknown>(random, [
    ...[`${pick(random, EDGES)}`, "U0FNRQ==", "x", "Relu", "Const", "^x"],
    ...["DT_INT32", "DT_FLOAT", "", null, 3, []],
  ]);
}

/** `value` with one part of it taken away, doubled, or otherwise. */
function changeJson(value: unknown, random: RandomStream): unknown {
  if (Array.isArray(value)) {
    const place = Math.floor(random.uniform() * (value.length + 1));
    const each: unknown = value[place];
    if (place === value.length) return [...value, ...value.slice(-1)];
    const how = random.uniform();
    if (how < 0.1) return value.toSpliced(place, 1);
    if (how < 0.15) return value.toSpliced(place, 0, each);
    if (how < 0.2) return value.toReversed();
    return value.with(place, changeJson(each, random));
  }
  if (isRecord(value)) {
    const keys = Object.keys(value);
    if (keys.length === 0) return changeLeaf(value, random);
    const key = pick(random, keys);
    const { [key]: each, ...rest } = value;
    const how = random.uniform();
    if (how < 0.1) return rest;
    if (how < 0.15) return { ...rest, [pick(random, keys)]: each };
    return { ...value, [key]: changeJson(each, random) };
  }
  return changeLeaf(value, random);
}

/** Loads `count` models made of those that are read, each changed as `seed` has it. */
export async function mutateGraph(
  run: { count: number; seed: number },
): Promise<Outcome> {
  const written = Object.values(GRAPHS).map(writeGraph);
  const options = { ...run, format: "graph", path: "model.json" };
  return await mutateFiles(options, (random) => {
    const { json, data } = pick(random, written);
    const text = JSON.stringify(json);
    const weights = "group1-shard1of1.bin";
    if (random.uniform() < 0.2) {
      const bytes = new TextEncoder().encode(text);
      return { "model.json": changeBytes(bytes, random), [weights]: data };
    }
    if (random.uniform() < 0.05) {
      return { "model.json": text, [weights]: changeBytes(data, random) };
    }
    let changed = json;
    for (let left = 1 + Math.floor(random.uniform() * 3); left > 0; left--) {
      const { modelTopology, ...more } = changed;
      const node = isRecord(modelTopology) ? modelTopology.node : undefined;
      const other: unknown = random.uniform() < 0.8
        ? {
          ...more,
          modelTopology: { node: changeJson(node, random) },
        }
        : changeJson(changed, random);
      if (isRecord(other)) changed = other;
    }
    return { "model.json": JSON.stringify(changed), [weights]: data };
  });
}

if (import.meta.main) await runMutation(mutateGraph);
