import { assert, assertEquals, assertMatch } from "@std/assert";
import { buildSite } from "./browser/build_site.ts";
import { spawnServer } from "./load/spawn_server.ts";

const folder = await buildSite();

/** Sends a text as it is to the site, and gives what comes until the server closes. */
async function ask(origin: string, text: string): Promise<string> {
  const { hostname, port } = new URL(origin);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(new TextEncoder().encode(text));
  return await new Response(connection.readable).text();
}

/** Headers that every answer of the site has. */
const SECURITY = [
  /^content-security-policy: .*default-src 'self'.*\r$/m,
  /^cross-origin-opener-policy: same-origin\r$/m,
  /^permissions-policy: .*camera=\(\).*\r$/m,
  /^x-content-type-options: nosniff\r$/m,
  /^cache-control: no-cache\r$/m,
];

const CLOSE = "Connection: close\r\n\r\n";

Deno.test("what isn't HTTP, and odd hosts, get 400 with the headers of any answer, and no line of the log", async () => {
  await using server = await spawnServer(folder, "listen.js");
  for (let time = 0; time < 20; time++) {
    for (
      const text of [
        "nonsense\r\n\r\n",
        `GET / HTTP/1.1\r\n${CLOSE}`,
        `GET / HTTP/1.1\r\nHost: u@x\r\n${CLOSE}`,
        `GET / HTTP/1.1\r\nHost: a/b\r\n${CLOSE}`,
        `GET /%FF HTTP/1.1\r\nHost: x\r\n${CLOSE}`,
      ]
    ) {
      const said = await ask(server.origin, text);
      assertMatch(said, /^HTTP\/1\.1 400 Bad Request\r\n/, text);
      for (const header of SECURITY) assertMatch(said, header, text);
    }
  }
  assert(server.logged.length <= 1, server.logged.join("\n"));
});

Deno.test("a header that doesn't end is ended, and those who ask and read nothing are in nobody's way", async () => {
  await using server = await spawnServer(folder, "listen.js");
  const { hostname, port } = new URL(server.origin);
  const unread: Deno.Conn[] = [];
  try {
    const requests = new TextEncoder().encode(
      "GET /data/inside.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(8),
    );
    for (let count = 0; count < 200; count++) {
      const connection = await Deno.connect({ hostname, port: Number(port) });
      unread.push(connection);
      await connection.write(requests);
    }
    const half = ask(server.origin, "GET / HTTP/1.1\r\nHost: x\r\n");
    for (const path of ["/", "/tradeoff", "/data/inside.json"]) {
      const response = await fetch(server.origin + path);
      assertEquals(response.status, 200);
      assert((await response.bytes()).length > 1000);
    }
    const said = await half;
    assertMatch(said, /^HTTP\/1\.1 408 Request Timeout\r\n/);
    for (const header of SECURITY) assertMatch(said, header);
  } finally {
    for (const connection of unread) connection.close();
  }
  assertEquals(server.logged, []);
});
