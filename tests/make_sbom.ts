/**
 * `deno task sbom`: writes sbom.cdx.json, a CycloneDX 1.6 list of every package of
 * deno.lock, and of those that readers of data fetch when they need them, with its
 * version, hash, licence and dependencies. It tells no time and no machine: the same
 * lock file gives the same bytes.
 *
 * @module
 */
import {
  Enums,
  Models,
  Serialize,
  SPDX,
  Spec,
} from "@cyclonedx/cyclonedx-library";
import { READER_PACKAGES } from "../core/data/formats/reader_packages.ts";
import type { PinnedPackage } from "../core/files/fetch_package.ts";
import { isRecord, parseJsonObject } from "../core/files/json.ts";

const ROOT = new URL("../", import.meta.url);
/** Where the list is kept. */
export const SBOM = new URL("sbom.cdx.json", ROOT);

/** A package of the lock file. */
interface LockedPackage {
  /** With its scope, if it has one. */
  name: string;
  version: string;
  /** SHA-512 of its archive, in hexadecimal. */
  sha512: string;
  /** Keys in the lock file of what it needs. */
  needs: string[];
}

function stringsOf(value: unknown): string[] {
  return Array.isArray(value)
    ? value.filter((each) => typeof each === "string")
    : [];
}

/** `@scope/name@1.2.3_peer@4.5.6` → its name and version. */
function parseKey(key: string): { name: string; version: string } {
  const [, name, version] = key.match(/^(@?[^@]+)@([^_]+)/) ?? [];
  if (version === undefined) {
    throw new SyntaxError(
      `Cannot read deno.lock: a package must be called NAME@VERSION: found "${key}"`,
    );
  }
  return { name, version };
}

/** The packages of a lock file by key, and the keys of those that the project itself imports. */
export function readLock(
  text: string,
): { packages: Map<string, LockedPackage>; direct: string[] } {
  const { npm, specifiers } = parseJsonObject(text, "deno.lock");
  if (!isRecord(npm) || !isRecord(specifiers)) {
    throw new SyntaxError(
      "Cannot read deno.lock: it must have npm packages and specifiers",
    );
  }
  const keys = Object.keys(npm);
  /** What the lock file calls by its name alone where it has one version only. */
  const find = (need: string) => {
    const found = keys.filter((key) =>
      key === need || key.startsWith(`${need}_`) || parseKey(key).name === need
    );
    if (found.length === 1) return found[0];
    throw new SyntaxError(
      `Cannot read deno.lock: a need must be one package: "${need}" is ${found.length}`,
    );
  };
  const packages = Object.entries(npm).map(([key, value]) => {
    const { integrity, dependencies, optionalDependencies } = isRecord(value)
      ? value
      : {};
    if (typeof integrity !== "string" || !integrity.startsWith("sha512-")) {
      throw new SyntaxError(
        `Cannot read deno.lock: a package must have a SHA-512: ${key} has ${integrity}`,
      );
    }
    const locked = {
      ...parseKey(key),
      sha512: Uint8Array.fromBase64(integrity.slice("sha512-".length)).toHex(),
      needs: [...stringsOf(dependencies), ...stringsOf(optionalDependencies)]
        .map(find),
    };
    return [key, locked] as const;
  });
  const direct = Object.entries(specifiers).map(([specifier, version]) => {
    const { name } = parseKey(specifier.replace(/^npm:\/?/, ""));
    return find(`${name}@${version}`);
  });
  return { packages: new Map(packages), direct };
}

/** What the package.json of an installed package says of its licence; none where it isn't installed. */
async function readLicence(
  { name, version }: LockedPackage,
): Promise<string | undefined> {
  const folder = `${name.replace("/", "+")}@${version}`;
  const path = `node_modules/.deno/${folder}/node_modules/${name}/package.json`;
  const text = await Deno.readTextFile(new URL(path, ROOT))
    .catch(() => undefined);
  if (text === undefined) return undefined;
  const { license, licenses } = parseJsonObject(text, path);
  // Old ones list them: any may be chosen.
  const types = Array.isArray(licenses)
    ? licenses.map((each) => isRecord(each) ? each.type : each)
    : [license];
  return stringsOf(types).join(" OR ") || undefined;
}

function isSpdxId(text: string): boolean {
  return SPDX.isSupportedSpdxId(text);
}

function toLicence(text: string): Models.License {
  if (isSpdxId(text)) return new Models.SpdxLicense(text);
  const ids = text.split(/ (?:AND|OR) |[()]/).filter(Boolean);
  return ids.length > 1 && ids.every(isSpdxId)
    ? new Models.LicenseExpression(text)
    : new Models.NamedLicense(text);
}

/** A lock file's text with `pinned` beside its own packages. */
function addPinned(lock: string, pinned: readonly PinnedPackage[]): string {
  const { npm, specifiers, ...rest } = parseJsonObject(lock, "deno.lock");
  return JSON.stringify({
    ...rest,
    npm: {
      ...isRecord(npm) ? npm : {},
      ...Object.fromEntries(
        pinned.map((
          { name, version, integrity },
        ) => [`${name}@${version}`, { integrity }]),
      ),
    },
    specifiers: {
      ...isRecord(specifiers) ? specifiers : {},
      ...Object.fromEntries(
        pinned.map(({ name, version }) => [`npm:${name}@${version}`, version]),
      ),
    },
  });
}

/** The list of the packages of a lock file, and of those that few commands fetch, as text. */
export async function makeSbom(
  lock: string,
  { name, version }: { name: string; version: string },
  pinned: readonly PinnedPackage[] = [],
): Promise<string> {
  const { packages, direct } = readLock(addPinned(lock, pinned));
  const components = new Map<string, Models.Component>();
  for (const [key, locked] of packages) {
    const [scope, bare] = locked.name.startsWith("@")
      ? locked.name.split("/")
      : [undefined, locked.name];
    const group = scope && `${scope.replace("@", "%40")}/`;
    const purl = `pkg:npm/${group ?? ""}${bare}@${locked.version}`;
    const known = components.values().find((each) => each.purl === purl);
    const own = pinned.find(({ name, version }) =>
      name === locked.name && version === locked.version
    );
    const licence = own?.licence ?? await readLicence(locked);
    components.set(
      key,
      known ??
        new Models.Component(Enums.ComponentType.Library, bare, {
          bomRef: purl,
          group: scope,
          version: locked.version,
          purl,
          hashes: new Models.HashDictionary([
            [Enums.HashAlgorithm["SHA-512"], locked.sha512],
          ]),
          licenses: new Models.LicenseRepository(
            licence === undefined ? [] : [toLicence(licence)],
          ),
        }),
    );
  }
  const need = (from: Models.Component, keys: string[]) => {
    for (const key of keys) {
      const needed = components.get(key);
      if (needed) from.dependencies.add(needed.bomRef);
    }
  };
  for (const [key, { needs }] of packages) {
    const component = components.get(key);
    if (component) need(component, needs);
  }
  const project = new Models.Component(Enums.ComponentType.Application, name, {
    bomRef: name,
    version,
    licenses: new Models.LicenseRepository([new Models.SpdxLicense("MIT")]),
  });
  need(project, direct);
  const bom = new Models.Bom({
    metadata: new Models.Metadata({ component: project }),
    components: new Models.ComponentRepository(components.values()),
  });
  const factory = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  const serializer = new Serialize.JsonSerializer(factory);
  const text = serializer.serialize(bom, { sortLists: true, space: 2 });
  return `${text.trimEnd()}\n`;
}

/** The list of this repository's packages. */
export async function makeOwnSbom(): Promise<string> {
  const [lock, config] = await Promise.all(
    ["deno.lock", "deno.json"].map((path) =>
      Deno.readTextFile(new URL(path, ROOT))
    ),
  );
  const { version } = parseJsonObject(config, "deno.json");
  return await makeSbom(
    lock,
    { name: "retort", version: String(version) },
    Object.values(READER_PACKAGES),
  );
}

if (import.meta.main) {
  await Deno.writeTextFile(SBOM, await makeOwnSbom());
  console.log(`Written: ${SBOM.pathname.split("/").at(-1)}`);
}
