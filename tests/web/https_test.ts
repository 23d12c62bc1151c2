import { assert, assertEquals } from "@std/assert";
import { askFrom, askSite } from "./ask_site.ts";
import { DATA, FILES, HASHED, PAGES } from "./site_paths.ts";

const PHONE = "192.168.1.7";
const SAME_MACHINE = ["127.0.0.1", "::1", "::ffff:127.0.0.1"];

/** What a response says that only https may say. */
async function readHttpsOnly(response: Response) {
  await response.body?.cancel();
  const { headers } = response;
  const policy = headers.get("content-security-policy") ?? "";
  assert(policy.includes("default-src 'self'"), policy);
  return {
    upgrade: policy.split("; ").includes("upgrade-insecure-requests"),
    strict: headers.has("strict-transport-security"),
  };
}

const HTTP = { upgrade: false, strict: false };
const HTTPS = { upgrade: true, strict: true };

Deno.test("over http nothing says to ask by https, whatever is asked for", async () => {
  const kinds: [string, RequestInit?][] = [
    ...[...PAGES, ...DATA, ...FILES, HASHED[0], "/nowhere", "/%"]
      .map((path): [string] => [path]),
    ["/", { method: "HEAD" }],
    ["/", { method: "POST" }],
    ["/api/models", { headers: { "if-none-match": "*" } }],
  ];
  for (const [path, init] of kinds) {
    for (const host of ["localhost:8000", "lan.test", "192.168.1.2:8000"]) {
      const response = await askFrom(PHONE, `http://${host}${path}`, init);
      assertEquals(await readHttpsOnly(response), HTTP, `${host}${path}`);
    }
    assertEquals(await readHttpsOnly(await askSite(path, init)), HTTP, path);
  }
});

Deno.test("over https every response says so", async () => {
  for (const path of [...PAGES, ...DATA, ...FILES, HASHED[0], "/nowhere"]) {
    const response = await askFrom(PHONE, `https://retort.test${path}`);
    assertEquals(await readHttpsOnly(response), HTTPS, path);
  }
});

Deno.test("a page that was kept over http is another's over https, and the other way", async () => {
  const ask = async (scheme: string) =>
    await readHttpsOnly(await askFrom(PHONE, `${scheme}://retort.test/inside`));
  for (const scheme of ["http", "https", "http", "https"]) {
    assertEquals(await ask(scheme), scheme === "http" ? HTTP : HTTPS);
  }
});

/** Asks through a proxy at `hostname`, which says that it was asked by `proto`. */
async function askThrough(hostname: string, proto: string) {
  const headers = { "x-forwarded-proto": proto };
  return await askFrom(hostname, "http://retort.test/", { headers });
}

Deno.test("a proxy on this machine is believed, and only where it says https first", async () => {
  for (const hostname of SAME_MACHINE) {
    for (
      const [proto, expected] of [
        ["https", HTTPS],
        ["HTTPS, http", HTTPS],
        ["http", HTTP],
        ["http, https", HTTP],
        ["", HTTP],
        ["ws", HTTP],
      ] as const
    ) {
      const response = await askThrough(hostname, proto);
      assertEquals(response.headers.get("vary")?.includes("proto"), true);
      assertEquals(await readHttpsOnly(response), expected, proto);
    }
  }
});

Deno.test("who isn't on this machine is believed with --trust-proxy alone", async () => {
  for (const hostname of [PHONE, "10.0.0.1", "1.127.0.0", "localhost", "::2"]) {
    const response = await askThrough(hostname, "https");
    assertEquals(await readHttpsOnly(response), HTTP, hostname);
  }
  const asking = `
    import { cameByHttps } from "./web/speak_of_https.ts";
    const url = new URL("http://retort.test/");
    const req = new Request(url, { headers: { "x-forwarded-proto": "https" } });
    const remoteAddr = { transport: "tcp", hostname: "10.0.0.1", port: 1 };
    console.log(cameByHttps({ url, req, info: { remoteAddr } }));`;
  for (const flags of [[], ["--trust-proxy"]]) {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--ext=ts", asking, ...flags],
      cwd: new URL("../../", import.meta.url),
    }).output();
    const said = new TextDecoder().decode(stdout).trim();
    assertEquals(said, String(flags.length === 1));
  }
});
