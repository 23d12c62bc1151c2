/**
 * Files changed at random, for the readers of models: each is read, or refused in words.
 *
 * @module
 */
import process from "node:process";
import { checkFinite } from "../../../../core/files/safetensors.ts";
import { modelCost } from "../../../../core/models/cost.ts";
import { loadModel } from "../../../../core/models/formats/load_model.ts";
import { randomStream } from "../../../../core/random/stream.ts";

/** Numbers at which readers break. */
export const EDGES = [
  ...[0, -1, 1, 2, 3, 4, 127, 128, 255, 65_536, 2 ** 24, 2 ** 31 - 1, 2 ** 31],
  ...[2 ** 32, 2 ** 40, Number.MAX_SAFE_INTEGER, -(2 ** 63)],
];

export type RandomStream = ReturnType<typeof randomStream>;

export const pick = <T>(random: RandomStream, list: readonly T[]): T =>
  list[Math.floor(random.uniform() * list.length)];

/** `bytes` with some changed, taken away, put in or repeated. */
export function changeBytes(
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

/** What came of the files. */
export interface Outcome {
  read: number;
  refused: number;
}

/** A file of a model's, by its name. */
export type MadeFiles = Record<string, string | Uint8Array<ArrayBuffer>>;

/**
 * Loads `count` models that `make` draws, `path` being what names each. Throws, with the
 * files kept in a folder of that name, where one is neither read nor refused in our words,
 * or takes longer than 10 s of the processor, of which neighbours take nothing.
 */
export async function mutateFiles(
  { count, seed, format, path }: {
    count: number;
    seed: number;
    format: string;
    path: string;
  },
  make: (random: RandomStream) => MadeFiles,
): Promise<Outcome> {
  const random = randomStream(seed, format);
  const folder = await Deno.makeTempDir({ prefix: `mutated-${format}-` });
  const outcome = { read: 0, refused: 0 };
  for (let index = 0; index < count; index++) {
    for (const [name, content] of Object.entries(make(random))) {
      const file = `${folder}/${name}`;
      await (typeof content === "string"
        ? Deno.writeTextFile(file, content)
        : Deno.writeFile(file, content));
    }
    const start = process.cpuUsage();
    try {
      const { spec, weights } = await loadModel(`${folder}/${path}`);
      modelCost(spec);
      for (const { values } of weights) {
        checkFinite(values, { name: "weights", source: "a read file" });
      }
      outcome.read++;
    } catch (error) {
      const isOurs = error instanceof SyntaxError ||
        error instanceof RangeError || error instanceof Deno.errors.NotFound;
      if (!isOurs || !/^Cannot (load|read) \S+: ./.test(error.message)) {
        throw new Error(
          `File ${index} of seed ${seed}, kept in ${folder}: ${error}`,
          { cause: error },
        );
      }
      outcome.refused++;
    }
    const { user, system } = process.cpuUsage(start);
    const seconds = (user + system) / 1e6;
    if (seconds > 10) {
      throw new Error(
        `File ${index} of seed ${seed}, kept in ${folder}, took ${seconds} s`,
      );
    }
  }
  await Deno.remove(folder, { recursive: true });
  return outcome;
}

/** Says what comes of as many files as the command line says, by a seed that it says. */
export async function runMutation(
  mutate: (run: { count: number; seed: number }) => Promise<Outcome>,
): Promise<void> {
  const [count = 10_000, seed = 1] = Deno.args.map(Number);
  const { read, refused } = await mutate({ count, seed });
  console.log(`${count} files: ${read} read, ${refused} refused in words`);
}
