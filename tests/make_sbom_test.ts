import { assertEquals, assertThrows } from "@std/assert";
import { READER_PACKAGES } from "../core/data/formats/reader_packages.ts";
import { isRecord, parseJsonObject } from "../core/files/json.ts";
import { makeOwnSbom, makeSbom, readLock, SBOM } from "./make_sbom.ts";

/** `length` bytes of `byte`, as a lock file has a hash of them. */
function integrity(byte: number): string {
  return `sha512-${new Uint8Array(64).fill(byte).toBase64()}`;
}

const LOCK = JSON.stringify({
  version: "5",
  specifiers: { "npm:@not/there@1": "1.0.0_b@2.0.0", "npm:/b@2": "2.0.0" },
  npm: {
    "@not/there@1.0.0_b@2.0.0": {
      integrity: integrity(0xab),
      dependencies: ["b@2.0.0", "c"],
    },
    "b@1.0.0": { integrity: integrity(1) },
    "b@2.0.0": { integrity: integrity(2), optionalDependencies: ["c"] },
    "c@3.0.0-rc.1": { integrity: integrity(3) },
  },
});

function componentsOf(text: string): Record<string, unknown>[] {
  const { components } = parseJsonObject(text, "the list");
  return Array.isArray(components) ? components.filter(isRecord) : [];
}

Deno.test("sbom.cdx.json is what deno.lock says: run `deno task sbom` where it isn't", async () => {
  assertEquals(await Deno.readTextFile(SBOM), await makeOwnSbom());
});

Deno.test("every package of deno.lock, and of readers, is listed with its hash and a licence", async () => {
  const lock = await Deno.readTextFile(
    new URL("../deno.lock", import.meta.url),
  );
  const { packages } = readLock(lock);
  const components = componentsOf(await Deno.readTextFile(SBOM));
  const listed = components.map(({ purl, hashes }) => {
    const [first] = Array.isArray(hashes) ? hashes : [];
    return [purl, first?.alg, first?.content].join(" ");
  });
  const locked = packages.values().map(({ name, version, sha512 }) =>
    `pkg:npm/${name.replace("@", "%40")}@${version} SHA-512 ${sha512}`
  );
  const pinned = Object.values(READER_PACKAGES).map((
    { name, version, integrity },
  ) =>
    `pkg:npm/${name.replace("@", "%40")}@${version} SHA-512 ${
      Uint8Array.fromBase64(integrity.slice("sha512-".length)).toHex()
    }`
  );
  assertEquals(
    listed.toSorted(),
    [...new Set(locked), ...pinned].toSorted(),
  );
  const unlicensed = components.filter(({ licenses }) =>
    !Array.isArray(licenses) || licenses.length !== 1
  );
  assertEquals(unlicensed.map(({ purl }) => purl), []);
});

Deno.test("a list names versions, what needs what, and no time or place", async () => {
  const text = await makeSbom(LOCK, { name: "a", version: "0.1.0" });
  assertEquals(text, await makeSbom(LOCK, { name: "a", version: "0.1.0" }));
  const { specVersion, dependencies, metadata, serialNumber } = parseJsonObject(
    text,
    "the list",
  );
  const [there, b1, b2, c] = [
    "pkg:npm/%40not/there@1.0.0",
    "pkg:npm/b@1.0.0",
    "pkg:npm/b@2.0.0",
    "pkg:npm/c@3.0.0-rc.1",
  ];
  assertEquals([specVersion, serialNumber], ["1.6", undefined]);
  assertEquals(isRecord(metadata) && Object.keys(metadata), ["component"]);
  assertEquals(componentsOf(text).map(({ purl }) => purl), [there, b1, b2, c]);
  assertEquals(dependencies, [
    { ref: "a", dependsOn: [there, b2] },
    { ref: there, dependsOn: [b2, c] },
    { ref: b1 },
    { ref: b2, dependsOn: [c] },
    { ref: c },
  ]);
  const [{ hashes, group, name }] = componentsOf(text);
  assertEquals([group, name], ["@not", "there"]);
  assertEquals(hashes, [{ alg: "SHA-512", content: "ab".repeat(64) }]);
});

Deno.test("a lock file that can't be told is refused", () => {
  for (
    const [text, words] of [
      ["{}", "npm packages"],
      [LOCK.replace("sha512-", "sha1-"), "SHA-512"],
      [LOCK.replaceAll(`"c"`, `"b"`), `"b" is 2`],
      [LOCK.replaceAll(`"c"`, `"d"`), `"d" is 0`],
    ]
  ) assertThrows(() => readLock(text), SyntaxError, words);
});
