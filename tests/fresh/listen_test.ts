import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { type Handler, listen, type ListenBounds } from "../../fresh/listen.ts";

const BYTES = new TextEncoder();

/** A megabyte a piece, without end, and what is called when nobody wants more. */
function streamForever(onCancel: () => void): ReadableStream {
  return new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(2 ** 20)),
    cancel: onCancel,
  }, { highWaterMark: 0 });
}

/** A handler that answers by the path, with a header that every answer has. */
const answer: Handler = async (request) => {
  const { pathname } = new URL(request.url);
  const headers = { "x-own": "yes" };
  if (pathname === "/%FF") return new Response("no", { status: 400, headers });
  if (pathname === "/later") await new Promise((go) => setTimeout(go, 100));
  const text = `${request.method} ${pathname};${await request.text()}`;
  return new Response(text, { headers });
};

/** A server of a handler on a free port, until it is disposed of. */
async function serve(handler: Handler, bounds: ListenBounds = {}) {
  const stop = new AbortController();
  const listening = Promise.withResolvers<number>();
  const finished = listen(handler, {
    hostname: "127.0.0.1",
    port: 0,
    signal: stop.signal,
    onListen: ({ port }) => listening.resolve(port),
  }, bounds);
  const port = await listening.promise;
  return {
    port,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await finished;
    },
  };
}

/** Sends a text as it is. */
async function send(port: number, text: string): Promise<Deno.Conn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(BYTES.encode(text));
  return connection;
}

/** What comes until the server closes. */
async function readToEnd(connection: Deno.Conn): Promise<string> {
  using _open = connection;
  return await new Response(connection.readable).text();
}

async function ask(port: number, text: string): Promise<string> {
  return await readToEnd(await send(port, text));
}

const CLOSE = "Host: x\r\nConnection: close\r\n\r\n";

Deno.test("a header that doesn't end is ended", async () => {
  await using server = await serve(answer, { headerMs: 200 });
  const half = await ask(server.port, "GET / HTTP/1.1\r\nHost: x\r\n");
  assertMatch(half, /^HTTP\/1\.1 408 Request Timeout\r\n/);
  assertMatch(half, /x-own: yes/);
  assertMatch(await ask(server.port, ""), /^(HTTP\/1\.1 408|$)/);
});

Deno.test("a malformed request is answered 400, with the headers of any", async () => {
  await using server = await serve(answer);
  for (
    const head of [
      "GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
      ...["", "a/b", "u@x", "ü", "x y", "x:99999", "256.1.1.1", "x\r\nHost: y"]
        .map((host) =>
          `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
        ),
      `GET * HTTP/1.1\r\n${CLOSE}`,
      `GET http://u@x/ HTTP/1.1\r\n${CLOSE}`,
      `GET / HTTP/9\r\n${CLOSE}`,
      `NONSENSE / HTTP/1.1\r\n${CLOSE}`,
      `CONNECT x:80 HTTP/1.1\r\n${CLOSE}`,
      "\x16\x03\x01\x02\x00\x01\x00",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ]
  ) {
    const said = await ask(server.port, head);
    assertMatch(said, /^HTTP\/1\.1 400 Bad Request\r\n/, head);
    assertMatch(said, /^x-own: yes\r$/m, head);
  }
  const long = `GET / HTTP/1.1\r\nX: ${"a".repeat(20_000)}\r\n${CLOSE}`;
  const said = await ask(server.port, long);
  assertMatch(said, /^HTTP\/1\.1 431 [^]*^x-own: yes\r$/m);
});

Deno.test("an address is that of http, whatever the request claims", async () => {
  await using server = await serve((request) =>
    Promise.resolve(new Response(request.url))
  );
  for (
    const [target, address] of [
      ["/a?b=c", "http://x/a?b=c"],
      ["//y/a", "http://x//y/a"],
      ["http://y:81?b", "http://y:81/?b"],
      ["https://y/a", "http://y/a"],
    ]
  ) {
    const said = await ask(server.port, `GET ${target} HTTP/1.1\r\n${CLOSE}`);
    assertStringIncludes(said, `\r\n${address}\r\n`);
  }
});

Deno.test("requests that come at once are answered in order, one at a time", async () => {
  let under = 0;
  await using server = await serve(async (request) => {
    assertEquals(++under, 1);
    const response = await answer(request);
    under--;
    return response;
  });
  const paths = ["/later", "/2", "/later", "/4", "/5"];
  const said = await ask(
    server.port,
    paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join("") +
      `GET /last HTTP/1.1\r\n${CLOSE}`,
  );
  const answered = Array.from(
    said.matchAll(/GET (\/\w+);/g),
    ([, path]) => path,
  );
  assertEquals(answered, [...paths, "/last"]);
});

Deno.test("what follows a good request and is none is answered after it", async () => {
  await using server = await serve(answer);
  const good = "GET /later HTTP/1.1\r\nHost: x\r\n\r\n";
  const said = await ask(server.port, `${good}nonsense\r\n\r\n`);
  assertMatch(said, /^HTTP\/1\.1 200 [^]*\/later;[^]*HTTP\/1\.1 400 /);
});

Deno.test("bodies arrive, and one that is too late for its answer ends the connection", async () => {
  await using server = await serve(answer);
  const post = (length: number) =>
    `POST /p HTTP/1.1\r\nContent-Length: ${length}\r\n${CLOSE}seven`;
  assertMatch(await ask(server.port, post(5)), /POST \/p;seven/);
  await using deaf = await serve(() => Promise.resolve(new Response("no")));
  const unread = post(50).replace("Connection: close\r\n", "");
  assertMatch(await ask(deaf.port, unread), /^HTTP\/1\.1 200 [^]*no/);
});

Deno.test("who reads nothing is cut off, and others are served meanwhile", async () => {
  const left = Promise.withResolvers<void>();
  let made = 0;
  await using server = await serve((request) => {
    if (new URL(request.url).pathname !== "/endless") return answer(request);
    const body = streamForever(left.resolve);
    const counted = body.pipeThrough(
      new TransformStream({
        transform(piece, controller) {
          made += piece.length;
          controller.enqueue(piece);
        },
      }),
    );
    return Promise.resolve(new Response(counted));
  }, { stalledMs: 1000 });
  using stalled = await send(
    server.port,
    "GET /endless HTTP/1.1\r\nHost: x\r\n\r\n",
  );
  for (let time = 0; time < 20; time++) {
    assertMatch(
      await ask(server.port, `GET / HTTP/1.1\r\n${CLOSE}`),
      /GET \/;/,
    );
  }
  const tooLate = setTimeout(() => left.reject(new Error("never cut")), 20_000);
  await left.promise; // the body is cancelled
  clearTimeout(tooLate);
  assert(made < 64 * 2 ** 20, `${made} bytes for one who reads none`);
  const rest = await readToEnd(stalled).catch(() => "");
  assert(rest.length <= made);
});

Deno.test("of many connections the one that has waited longest makes place", async () => {
  await using server = await serve(answer, { most: 3 });
  const waiting = [];
  for (let count = 0; count < 3; count++) {
    waiting.push(await send(server.port, "GET / HTTP/1.1\r\nHost: x\r\n"));
    await new Promise((go) => setTimeout(go, 20));
  }
  assertMatch(
    await ask(server.port, `GET /new HTTP/1.1\r\n${CLOSE}`),
    /\/new;/,
  );
  assertEquals(await readToEnd(waiting[0]).catch(() => ""), "");
  await waiting[2].write(BYTES.encode("Connection: close\r\n\r\n"));
  assertMatch(await readToEnd(waiting[2]), /GET \/;/);
  waiting[1].close();
});

Deno.test("where all are being answered, one more is told to come again", async () => {
  const go = Promise.withResolvers<void>();
  await using server = await serve(async (request) => {
    if (request.url.endsWith("/wait")) await go.promise;
    return await answer(request);
  }, { most: 2 });
  const wait = `GET /wait HTTP/1.1\r\n${CLOSE}`;
  const waiting = [
    await send(server.port, wait),
    await send(server.port, wait),
  ];
  await new Promise((done) => setTimeout(done, 100));
  const said = await ask(server.port, "");
  assertMatch(said, /^HTTP\/1\.1 503 [^]*^retry-after: 5\r$/m);
  assertMatch(said, /^x-own: yes\r$/m);
  go.resolve();
  for (const each of waiting) assertMatch(await readToEnd(each), /\/wait;/);
});

Deno.test("a handler that fails, and a body that does, end their connection alone", async () => {
  const { error } = console;
  let logged = 0;
  console.error = () => logged++;
  try {
    await using server = await serve((request) => {
      if (request.url.endsWith("/ok")) return answer(request);
      if (request.url.endsWith("/%FF")) return answer(request);
      const body = new ReadableStream({
        pull() {
          throw new Error("Cannot read on");
        },
      });
      return Promise.resolve(new Response(body));
    });
    for (let time = 0; time < 30; time++) {
      const said = await ask(server.port, `GET / HTTP/1.1\r\n${CLOSE}`)
        .catch(() => "");
      assert(!said.endsWith("0\r\n\r\n"), "it is told as a whole body");
    }
    assertMatch(await ask(server.port, `GET /ok HTTP/1.1\r\n${CLOSE}`), /ok;/);
    assertEquals(logged, 1);
  } finally {
    console.error = error;
  }
});
