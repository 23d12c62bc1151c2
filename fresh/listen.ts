import { STATUS_TEXT } from "@std/http/status";
import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { logFailure } from "../core/text/log_failure.ts";
import { MALFORMED, readRequest } from "./read_request.ts";
import { sendResponse } from "./send_response.ts";

/** What answers requests, as `Deno.serve` and hosts that listen themselves want it. */
export type Handler = (
  request: Request,
  info?: Deno.ServeHandlerInfo,
) => Promise<Response>;

/** What connections may cost. */
export interface ListenBounds {
  /** Connections at a time. */
  most?: number;
  /** Milliseconds in which a request's header has to end. */
  headerMs?: number;
  /** Milliseconds after which a reader that takes nothing is left. */
  stalledMs?: number;
  /** Milliseconds that every answer may take, however much its place is wanted. */
  wantedMs?: number;
}

/** Where to listen, for how long, and what to call then. */
export type ListenOptions = Pick<
  Deno.ServeTcpOptions,
  "port" | "hostname" | "signal" | "onListen"
>;

/** Requests that may wait on one connection for their turn; browsers send one at a time. */
const MOST_WAITING = 8;

/** Bytes that a request's line and header may have. */
const MAX_HEADER = 16 * 1024;

/** How often it is looked which connections are late. */
const LOOK_MS = 1000;

/** One connection. */
interface Connection {
  /** Answers that wait for their turn; the first is under way. */
  turns: (() => Promise<void>)[];
  /** When its answer was begun; where none is under way, when it began to wait. */
  since: number;
  /** When its reader last took some of an answer. */
  taken: number;
}

/** Whether an answer is under way. */
function isBusy({ turns }: Connection): boolean {
  return turns.length > 0;
}

/** How a failure of node's parser is answered. */
const STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/**
 * Serves `handler` on a port, over node's server, which ends what `Deno.serve`
 * waits for without end. What strangers may cost is bounded: so many connections,
 * one answer at a time on each, written as fast as it is read.
 *
 * What the parser refuses, and who finds no place, gets the headers of any answer
 * of the handler.
 */
export async function listen(
  handler: Handler,
  { port = 8000, hostname = "0.0.0.0", signal, onListen = sayWhere }:
    ListenOptions,
  {
    most = 512,
    headerMs = 10_000,
    stalledMs = 30_000,
    wantedMs = 5000,
  }: ListenBounds = {},
): Promise<void> {
  const connections = new Map<Duplex, Connection>();
  const refused = await handler(new Request(MALFORMED));
  await refused.body?.cancel();

  /**
   * Closes a connection for another, if there is one of little use: the one that
   * has waited for longest, else the one whose answer has taken longest.
   */
  function makePlace(): boolean {
    const [least] = Array.from(connections).sort(([, a], [, b]) =>
      Number(isBusy(a)) - Number(isBusy(b)) || a.since - b.since
    );
    const [socket, connection] = least;
    if (isBusy(connection) && Date.now() - connection.since < wantedMs) {
      return false;
    }
    drop(socket);
    return true;
  }

  function drop(socket: Duplex): void {
    connections.delete(socket);
    socket.destroy();
  }

  /** Answers on a connection that isn't to be listened to any more. */
  function refuse(socket: Duplex, status: number): void {
    if (!socket.writable) return drop(socket);
    const text = `${STATUS_TEXT[status as keyof typeof STATUS_TEXT]}\n`;
    const headers = new Headers(refused.headers);
    headers.set("connection", "close");
    headers.set("content-length", `${text.length}`);
    headers.set("content-type", "text/plain; charset=utf-8");
    headers.set("date", new Date().toUTCString());
    if (status === 503) headers.set("retry-after", "5");
    const lines = Array.from(headers, ([name, value]) => `${name}: ${value}`);
    const start = `HTTP/1.1 ${status} ${text.trim()}`;
    socket.end([start, ...lines, "", text].join("\r\n"), () => drop(socket));
  }

  /** Answers in turn: nothing is begun before what came earlier is written. */
  function enqueue(socket: Duplex, turn: () => Promise<void>): void {
    const connection = connections.get(socket);
    if (!connection) return;
    const { turns } = connection;
    if (turns.length > MOST_WAITING) return drop(socket);
    turns.push(turn);
    if (turns.length === 1) answerTurns(socket, connection);
  }

  async function answerTurns(
    socket: Duplex,
    connection: Connection,
  ): Promise<void> {
    const { turns } = connection;
    while (turns.length > 0) {
      connection.since = connection.taken = Date.now();
      try {
        await turns[0]();
      } catch (error) {
        logFailure(error);
        drop(socket);
      }
      turns.shift();
      if (!connections.has(socket)) turns.length = 0;
    }
    connection.since = Date.now();
  }

  function answer(asked: IncomingMessage, sent: ServerResponse): void {
    const { socket } = asked;
    enqueue(socket, async () => {
      const { remoteAddress = "", remotePort = 0 } = socket;
      const response = await handler(readRequest(asked), {
        remoteAddr: {
          transport: "tcp",
          hostname: remoteAddress,
          port: remotePort,
        },
        completed: Promise.resolve(),
      });
      await sendResponse(response, sent, () => {
        const connection = connections.get(socket);
        if (connection) connection.taken = Date.now();
      });
    });
  }

  /** The same for what never became a request. */
  function refuseInTurn(socket: Duplex, status: number): void {
    // deno-lint-ignore require-await
    enqueue(socket, async () => refuse(socket, status));
  }

  const server = createServer({
    connectionsCheckingInterval: LOOK_MS,
    headersTimeout: headerMs,
    keepAlive: true,
    keepAliveTimeout: 10_000,
    maxHeaderSize: MAX_HEADER,
    requestTimeout: 2 * headerMs,
    requireHostHeader: false, // so that the answer is the handler's
  });
  server.on("connection", (socket: Duplex) => {
    socket.on("error", () => drop(socket));
    socket.on("close", () => drop(socket));
    const isFull = connections.size >= most && !makePlace();
    if (isFull) return refuse(socket, 503);
    connections.set(socket, { turns: [], since: Date.now(), taken: 0 });
  });
  server.on("request", answer);
  server.on("checkContinue", answer);
  server.on("checkExpectation", answer);
  server.on("connect", (_asked, socket) => refuseInTurn(socket, 400));
  server.on("clientError", (error: Error & { code?: string }, socket) => {
    refuseInTurn(socket, STATUS[error.code ?? ""] ?? 400);
  });

  const looking = setInterval(() => {
    const late = Date.now() - stalledMs;
    for (const [socket, connection] of connections) {
      if (isBusy(connection) && connection.taken < late) drop(socket);
    }
  }, LOOK_MS);
  const finished = new Promise<void>((resolve, reject) => {
    server.on("close", resolve).on("error", reject);
  });
  const stop = () => {
    server.close();
    for (const socket of connections.keys()) drop(socket);
  };
  server.listen(port, hostname, () => {
    const { address, port } = server.address() as AddressInfo;
    onListen({ transport: "tcp", hostname: address, port });
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop);
  });
  try {
    await finished;
  } finally {
    clearInterval(looking);
  }
}

/** Says where it listens, as `deno serve` does. */
function sayWhere({ hostname, port }: Deno.NetAddr): void {
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  console.error(`Listening on http://${host}:${port}/`);
}
