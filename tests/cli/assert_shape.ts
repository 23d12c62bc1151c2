import { assertEquals } from "@std/assert";

/** What JSON must look like: a kind, a list of one shape, or exactly these keys. */
export type Shape =
  | "number"
  | "string"
  | "boolean"
  | "null"
  | [Shape]
  | { [key: string]: Shape };

/** Asserts that `value`, found at `path`, has exactly the keys and kinds of `shape`. */
export function assertShape(value: unknown, shape: Shape, path = "$"): void {
  if (typeof shape === "string") {
    const kind = value === null ? "null" : typeof value;
    assertEquals(kind, shape, `${path} is ${kind}`);
  } else if (Array.isArray(shape)) {
    assertEquals(Array.isArray(value), true, `${path} is no list`);
    const list: unknown[] = Array.isArray(value) ? value : [];
    list.forEach((each, i) => assertShape(each, shape[0], `${path}[${i}]`));
  } else {
    const entries = new Map(Object.entries(Object(value)));
    const keys = (names: Iterable<string>) => [...names].toSorted().join();
    assertEquals(keys(entries.keys()), keys(Object.keys(shape)), path);
    for (const [key, each] of Object.entries(shape)) {
      assertShape(entries.get(key), each, `${path}.${key}`);
    }
  }
}
