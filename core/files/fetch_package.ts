import { pathToFileURL } from "node:url";
import { isRecord, parseJsonObject } from "./json.ts";

/** An npm package of one version, which needs no other. */
export interface PinnedPackage {
  name: string;
  version: string;
  /** SHA-512 of what the registry sends, as lock files give it. */
  integrity: string;
  /** What its package.json says, by SPDX's names. */
  licence: string;
}

/** Folders of the packages that this program has asked for, by name. */
const folders = new Map<string, Promise<URL>>();

/** Runs Deno with no configuration but `lock`; what it prints. */
async function runDeno(
  command: "info" | "cache",
  { lock, specifier, ...flags }: {
    lock: string;
    specifier: string;
    json?: boolean;
  },
): Promise<{ success: boolean; stdout: string; stderr: string }> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...[command, ...flags.json ? ["--json"] : [], "--no-config"],
      ...["--node-modules-dir=none", `--lock=${lock}`, "--frozen", specifier],
    ],
    env: { NO_COLOR: "1", DENO_NO_PACKAGE_JSON: "1" },
    stdin: "null",
  }).output();
  const [said, trouble] = [stdout, stderr]
    .map((bytes) => new TextDecoder().decode(bytes));
  return { success, stdout: said, stderr: trouble };
}

/** Where Deno keeps, or would keep, the package `key`; undefined where it can't tell. */
function readPath(info: string, key: string): string | undefined {
  const { npmPackages } = parseJsonObject(info, "what Deno says");
  const found = isRecord(npmPackages) ? npmPackages[key] : undefined;
  const path = isRecord(found) ? found.localPath : undefined;
  return typeof path === "string" ? path : undefined;
}

async function find(
  { name, version, integrity }: PinnedPackage,
): Promise<URL> {
  const key = `${name}@${version}`;
  const specifier = `npm:${key}`;
  const lock = await Deno.makeTempFile({ suffix: ".lock" });
  try {
    await Deno.writeTextFile(
      lock,
      JSON.stringify({
        version: "5",
        specifiers: { [specifier]: version },
        npm: { [key]: { integrity } },
      }),
    );
    const info = await runDeno("info", { lock, specifier, json: true });
    const path = info.success ? readPath(info.stdout, key) : undefined;
    if (path !== undefined) {
      const folder = pathToFileURL(`${path}/`);
      const isThere = () =>
        Deno.stat(new URL("package.json", folder))
          .then(() => true, () => false);
      if (await isThere()) return folder;
      const { stderr } = await runDeno("cache", { lock, specifier });
      if (await isThere()) return folder;
      info.stderr = stderr;
    }
    throw new Error(
      `Cannot fetch the npm package ${name} ${version}: the registry must be reached once, and send it whole: ${
        lastReason(info.stderr)
      }; run \`deno cache ${specifier}\` where there is a network`,
    );
  } finally {
    await Deno.remove(lock);
  }
}

/** The innermost reason of those that Deno prints of an error, numbered. */
function lastReason(stderr: string): string {
  const reasons = stderr.matchAll(/^\s+\d+: (?!<)(.+)$/gm);
  return [...reasons].at(-1)?.[1] ?? "Deno says no reason";
}

/**
 * The folder of an npm package in Deno's cache, fetched there where it isn't yet, its
 * hash checked. Who imports a package by its name has Deno fetch it with all others,
 * for every command; this is for those that few commands need. It takes Deno's own
 * program, and so the permission to run it.
 *
 * Rejects with an `Error` where it can't be fetched.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { fetchPackage } from "./fetch_package.ts";
 *
 * const wanted = { name: "No Name", version: "1.0.0", integrity: "sha512-", licence: "MIT" };
 * await assertRejects(() => fetchPackage(wanted), Error, "Cannot fetch the npm package No Name 1.0.0");
 * ```
 */
export function fetchPackage(wanted: PinnedPackage): Promise<URL> {
  const key = `${wanted.name}@${wanted.version}`;
  const known = folders.get(key);
  if (known) return known;
  const folder = find(wanted);
  folders.set(key, folder);
  folder.catch(() => folders.delete(key));
  return folder;
}
