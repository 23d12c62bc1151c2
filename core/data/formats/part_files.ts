import type { Place } from "./format.ts";

/** Files of each part of a dataset. */
interface PartFiles {
  train: string[];
  test: string[];
}

/**
 * The files ending in `ending` that are the parts of what lies at `place`: the file
 * itself, to be divided, or the folder's files with "train" and "test" in their names.
 */
export function findPartFiles(
  { path, entries }: Place,
  ending: RegExp,
): PartFiles {
  if (!entries) return { train: ending.test(path) ? [path] : [], test: [] };
  const names = entries.filter(({ name, isFile }) =>
    isFile && ending.test(name) && !name.startsWith(".")
  ).map(({ name }) => name).sort();
  const pathsOf = (names: string[]) => names.map((name) => `${path}/${name}`);
  const isTrain = (name: string) => /train/i.test(name);
  return {
    train: pathsOf(names.filter(isTrain)),
    // "latest-train.csv" is none.
    test: pathsOf(
      names.filter((name) => !isTrain(name) && /test|valid/i.test(name)),
    ),
  };
}

/** Whether there is any. */
export function hasPartFiles(place: Place, ending: RegExp): boolean {
  const { train, test } = findPartFiles(place, ending);
  return train.length + test.length > 0;
}

/** `parts` one after another. */
export function joinBytes(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(
    parts.reduce((sum, part) => sum + part.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
