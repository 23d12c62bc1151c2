import { assertEquals, assertStringIncludes } from "@std/assert";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";

const MODULE = new URL(
  "../../../core/files/fetch_package.ts",
  import.meta.url,
).href;

/** A tar archive of one file. */
function pack(name: string, text: string): Uint8Array {
  const tar = new Uint8Array(512 * 4);
  const write = (at: number, words: string) =>
    tar.set(new TextEncoder().encode(words), at);
  const octal = (value: number, digits: number) =>
    value.toString(8).padStart(digits, "0");
  write(0, name);
  write(100, "0000644\0");
  write(124, `${octal(text.length, 11)}\0`);
  write(136, `${octal(0, 11)}\0`);
  write(148, " ".repeat(8));
  write(156, "0");
  write(257, "ustar\x0000");
  write(148, `${octal(tar.reduce((a, b) => a + b), 6)}\0 `);
  write(512, text);
  return tar;
}

const TARBALL = new Uint8Array(gzipSync(
  pack("package/package.json", '{"name":"tiny","version":"1.0.0"}'),
));
const INTEGRITY = `sha512-${
  createHash("sha512").update(TARBALL).digest("base64")
}`;

/** A registry of one package; it counts what it is asked for. */
function serveRegistry() {
  const asked: string[] = [];
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    (request) => {
      const { pathname, origin } = new URL(request.url);
      asked.push(pathname);
      if (pathname === "/tiny/-/tiny-1.0.0.tgz") return new Response(TARBALL);
      if (pathname !== "/tiny") return new Response(null, { status: 404 });
      const dist = {
        tarball: `${origin}/tiny/-/tiny-1.0.0.tgz`,
        integrity: INTEGRITY,
      };
      return Response.json({
        name: "tiny",
        "dist-tags": { latest: "1.0.0" },
        versions: { "1.0.0": { name: "tiny", version: "1.0.0", dist } },
      });
    },
  );
  return { server, asked, address: `http://127.0.0.1:${server.addr.port}/` };
}

/** What a program prints that fetches the package from `registry` into the cache `folder`. */
async function fetchTiny(
  { registry, folder, integrity = INTEGRITY }: {
    registry: string;
    folder: string;
    integrity?: string;
  },
): Promise<string> {
  const wanted = JSON.stringify({
    name: "tiny",
    version: "1.0.0",
    integrity,
    licence: "MIT",
  });
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["eval", "--no-config", "--no-lock"],
      `const { fetchPackage } = await import("${MODULE}");
const said = fetchPackage(${wanted}).then(({ href }) => href, ({ message }) => message);
console.log(await said);`,
    ],
    env: { DENO_DIR: folder, NPM_CONFIG_REGISTRY: registry, NO_COLOR: "1" },
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout).trim();
}

Deno.test("fetchPackage fetches a package once, and finds it without a registry then", async () => {
  const folder = await Deno.makeTempDir();
  const { server, asked, address: registry } = serveRegistry();
  const href = await fetchTiny({ registry, folder });
  await server.shutdown();
  assertStringIncludes(
    await Deno.readTextFile(new URL("package.json", href)),
    "tiny",
  );
  assertEquals(
    asked.filter((path) => path === "/tiny/-/tiny-1.0.0.tgz").length,
    1,
  );
  assertEquals(await fetchTiny({ registry, folder }), href);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("fetchPackage refuses a package of another hash, and says where none can be had", async () => {
  const folder = await Deno.makeTempDir();
  const { server, address: registry } = serveRegistry();
  const integrity = `sha512-${new Uint8Array(64).toBase64()}`;
  assertStringIncludes(
    await fetchTiny({ registry, folder, integrity }),
    "Cannot fetch the npm package tiny 1.0.0: the registry must be reached once, and send it whole: Tarball checksum did not match",
  );
  await server.shutdown();
  const alone = await fetchTiny({ registry, folder });
  assertStringIncludes(
    alone,
    "the registry must be reached once, and send it whole: ",
  );
  assertStringIncludes(alone, "run `deno cache npm:tiny@1.0.0`");
  await Deno.remove(folder, { recursive: true });
});
