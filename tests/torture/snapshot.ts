import { assert } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { checksum } from "../../core/files/checksum.ts";
import { load } from "../../core/infer/load.ts";
import { loadModel } from "../../core/models/formats/load_model.ts";

/** Files of a folder by path, each as what of it must be the same in every run. */
export type Snapshot = Map<string, string>;

/** What tells of time: of when a run was, of how long it took, and checksums of those. */
const TIMES = new Set(["seconds", "finished", "date", "crc32"]);
/** Entries of a study that are checksums of others, times among them. */
const CHECKSUM = /^(?:checksum|record) of /;
/** Durations in the words of a page. */
const DURATION = /\b(?:[\d,]+ min )?[\d.]+ s\b/g;

function withoutTimes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTimes);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).filter(([key]) => !TIMES.has(key))
      .map(([key, each]) => [key, withoutTimes(each)]),
  );
}

/** Throws unless each entry of a study's settings has the checksum that it was written with. */
function checkSettings(database: DatabaseSync): void {
  const rows = database.prepare("SELECT key, value FROM setting").all();
  const values = new Map(rows.map(({ key, value }) => [key, `${value}`]));
  for (const [key, value] of values) {
    const text = values.get(`${key}`.replace(/^checksum of /, ""));
    if (!`${key}`.startsWith("checksum of ") || text === undefined) continue;
    const found = checksum(new TextEncoder().encode(text));
    assert(`${found}` === value, `${key} differs`);
  }
}

/** How the server of a site leads to the build, whose name is drawn at random. */
const LEADS_TO = /"\.\/(build-\w+)\/server\.js"/;
/** Where an app's site lies. */
const SITE = "_fresh";

/** The rows of a study, times left out; throws where SQLite or a checksum finds damage. */
function readDatabase(path: string): string {
  using database = new DatabaseSync(path);
  const check = database.prepare("PRAGMA integrity_check").get();
  assert(check?.integrity_check === "ok", `${path} is damaged`);
  checkSettings(database);
  const tables = ["setting", "trial", "curve"].map((table) =>
    database.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all().filter(
      ({ key }) => !CHECKSUM.test(`${key ?? ""}`),
    ).map((row) =>
      Object.fromEntries(
        Object.entries(row).filter(([key]) => !TIMES.has(key)).map((
          [key, value],
        ) => [
          key,
          value instanceof Uint8Array
            ? value.toBase64()
            : key === "value"
            ? withoutTimes(JSON.parse(`${value}`))
            : value,
        ]),
      )
    )
  );
  return JSON.stringify(tables);
}

/** Hashes of .dram files that were read: a site has a hundred, of seconds each. */
const decoded = new Set<string>();

/**
 * What of the file at `path` must be equal in every run: a study's rows, JSON and
 * pages without their times, all other files' bytes. Throws where it isn't whole.
 */
async function readFile(path: string): Promise<string> {
  if (path.endsWith(".db")) return readDatabase(path);
  const bytes = await Deno.readFile(path);
  if (path.endsWith(".json")) {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return JSON.stringify(withoutTimes(value));
  }
  if (path.endsWith(".html")) {
    const text = new TextDecoder().decode(bytes);
    assert(text.trimEnd().endsWith("</html>"), `${path} is cut off`);
    return text.replaceAll(DURATION, "");
  }
  if (path.endsWith(`${SITE}/server.js`)) {
    return new TextDecoder().decode(bytes).replace(LEADS_TO, "its build");
  }
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  const hash = new Uint8Array(digest).toHex();
  if (path.endsWith(".dram") && !decoded.has(hash)) {
    load(bytes);
    decoded.add(hash);
  }
  return `${bytes.length} bytes, ${hash}`;
}

/** Every regular file below `folder`, by its path from there; links aren't followed. */
async function listFiles(folder: string, prefix = ""): Promise<string[]> {
  const paths: string[] = [];
  for await (const entry of Deno.readDir(`${folder}/${prefix}`)) {
    const path = `${prefix}${entry.name}`;
    if (entry.isFile) paths.push(path);
    if (entry.isDirectory) paths.push(...await listFiles(folder, `${path}/`));
  }
  return paths.sort();
}

/** The folder of the build that the site in `folder` leads to, if there is one. */
async function findBuild(folder: string): Promise<string | undefined> {
  const server = `${folder}/${SITE}/server.js`;
  const text = await Deno.readTextFile(server).catch(() => "");
  const [, name] = LEADS_TO.exec(text) ?? [];
  return name && `${SITE}/${name}/`;
}

/**
 * Reads `folder`, where a site leads to its build called `build`; throws where a file
 * isn't whole.
 */
export async function takeSnapshot(folder: string): Promise<Snapshot> {
  const build = await findBuild(folder);
  const snapshot: Snapshot = new Map();
  for (const path of await listFiles(folder)) {
    const name = build && path.startsWith(build)
      ? `${SITE}/build/${path.slice(build.length)}`
      : path;
    snapshot.set(name, await readFile(`${folder}/${path}`));
  }
  return snapshot;
}

/** Reads a study as a killed command has left it, from a copy: reading mends it. */
async function readKilledDatabase(path: string): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "retort-torture-" });
  try {
    await Deno.copyFile(path, `${folder}/copy.db`);
    await Deno.copyFile(`${path}-wal`, `${folder}/copy.db-wal`).catch(() => {});
    readDatabase(`${folder}/copy.db`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Where two texts begin to differ, with some characters around. */
function describeDifference(found: string, expected: string): string {
  let at = 0;
  while (found[at] === expected[at]) at++;
  const excerpt = (text: string) =>
    JSON.stringify(text.slice(Math.max(0, at - 60), at + 60));
  return `${excerpt(found)} must be ${excerpt(expected)}`;
}

/** How `found` differs from `expected`, a line each. */
export function compareSnapshots(
  found: Snapshot,
  expected: Snapshot,
): string[] {
  const paths = new Set([...found.keys(), ...expected.keys()]);
  return [...paths].sort().flatMap((path) => {
    if (!expected.has(path)) return [`${path} is left over`];
    if (!found.has(path)) return [`${path} is missing`];
    const [is, must] = [found.get(path) ?? "", expected.get(path) ?? ""];
    if (is === must) return [];
    return [`${path} differs: ${describeDifference(is, must)}`];
  });
}

/**
 * What is wrong in `folder` after a kill, a line each: a file under the name of a
 * final one that is neither as at the beginning nor as at the end (a study may be
 * anything that SQLite finds sound), a model folder of two models, or a site that
 * leads to a build which isn't whole.
 */
export async function findHalves(
  folder: string,
  { before, after }: { before: Snapshot; after: Snapshot },
): Promise<string[]> {
  const wrong: string[] = [];
  for (const [path, end] of after) {
    let text: string;
    try {
      if (path.endsWith(".db")) {
        await readKilledDatabase(`${folder}/${path}`);
        continue;
      }
      text = await readFile(`${folder}/${path}`);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) {
        wrong.push(`${path} is half: ${error}`);
      }
      continue;
    }
    // A lock tells who had it; features are whole when their folder has its name.
    if (path.endsWith(".lock")) continue;
    if (text !== end && text !== before.get(path)) {
      wrong.push(`${path} is neither as it was nor as it will be`);
    }
  }
  return [
    ...wrong,
    ...await findMixed(folder, { before, after }),
    ...await findHalfSite(folder, { before, after }),
  ];
}

/** A site must lead to the whole build of before, or the whole one of after. */
async function findHalfSite(
  folder: string,
  { before, after }: { before: Snapshot; after: Snapshot },
): Promise<string[]> {
  if (!after.has(`${SITE}/server.js`)) return [];
  const buildOf = (snapshot: Snapshot) =>
    new Map(
      [...snapshot].filter(([path]) => path.startsWith(`${SITE}/build/`)),
    );
  const found = buildOf(await takeSnapshot(folder));
  const isOf = (snapshot: Snapshot) =>
    compareSnapshots(found, buildOf(snapshot)).length === 0;
  return isOf(before) || isOf(after)
    ? []
    : [`${SITE} leads to a build that is neither the old one nor the new one`];
}

/** A folder that loads as a model must hold one model: all files old, or all new. */
async function findMixed(
  folder: string,
  { before, after }: { before: Snapshot; after: Snapshot },
): Promise<string[]> {
  const names = ["model.json", "weights.bin", "manifest.json"];
  if (!after.has("model/model.json")) return [];
  try {
    await loadModel(`${folder}/model`);
  } catch {
    return []; // It is refused: who meets it is told.
  }
  const isOf = async (snapshot: Snapshot) => {
    for (const name of names) {
      const path = `model/${name}`;
      const text = await readFile(`${folder}/${path}`).catch(() => "");
      if (text !== snapshot.get(path)) return false;
    }
    return true;
  };
  return await isOf(before) || await isOf(after)
    ? []
    : ["model is of two models, and loads"];
}
