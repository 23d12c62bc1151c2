import { spawnServer } from "./spawn_server.ts";

/** What connections do that cost a server more than they take. */
export type BurstKind = "unread" | "slow" | "half";

/** What one kind of burst cost: resident sets in bytes, connections that are open. */
export interface Burst {
  kind: BurstKind;
  idle: number;
  /** The most that was seen, from the burst's begin on. */
  height: number;
  /** When the connections have been open for half a minute. */
  open: number;
  /** Of the connections, those that the server hasn't closed by then. */
  left: number;
  /** 10 and 30 s after all were closed. */
  after10: number;
  after30: number;
}

const KINDS: BurstKind[] = ["unread", "slow", "half"];

/** Requests that each connection of a kind sends. */
function writeRequests(kind: BurstKind, path: string): string {
  const header = "Host: 127.0.0.1\r\n";
  if (kind === "half") return `GET / HTTP/1.1\r\n${header}`;
  const request = `GET ${path} HTTP/1.1\r\n${header}\r\n`;
  return kind === "unread" ? request.repeat(8) : request;
}

/** Reads 4 KiB a second until the server closes. */
async function readSlowly(connection: Deno.Conn): Promise<void> {
  const piece = new Uint8Array(4096);
  while (await connection.read(piece) !== null) await wait(1000);
}

/** Reads all there is until the server closes. */
async function readAll(connection: Deno.Conn): Promise<void> {
  const piece = new Uint8Array(4096);
  while (await connection.read(piece) !== null);
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Connections of this machine to a port that its server holds open. */
async function countConnections(port: number): Promise<number> {
  const table = await Deno.readTextFile("/proc/net/tcp");
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const open = new RegExp(`^ *\\d+: [0-9A-F]+:${hex} [0-9A-F:]+ 01 `, "gm");
  return table.match(open)?.length ?? 0;
}

/** Opens so many connections of a kind to the built site in `folder`, and closes them. */
async function measureBurst(
  folder: string,
  kind: BurstKind,
  { connections, path }: { connections: number; path: string },
): Promise<Burst> {
  await using server = await spawnServer(folder, "listen.js");
  await (await fetch(`${server.origin}/`)).bytes();
  await (await fetch(`${server.origin}${path}`)).bytes();
  const idle = await server.readMemory();
  let height = idle;
  const watching = setInterval(async () => {
    height = Math.max(height, await server.readMemory());
  }, 100);
  const port = Number(new URL(server.origin).port);
  const requests = new TextEncoder().encode(writeRequests(kind, path));
  const opened: Deno.Conn[] = [];
  try {
    for (let count = 0; count < connections; count++) {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port });
      opened.push(connection);
      connection.write(requests)
        .then(() => {
          if (kind === "slow") return readSlowly(connection);
          if (kind === "half") return readAll(connection);
        })
        .catch(() => {}); // closed, by one side or the other
    }
    await wait(30_000);
    const open = await server.readMemory();
    const left = await countConnections(port);
    for (const connection of opened.splice(0)) connection.close();
    await wait(10_000);
    const after10 = await server.readMemory();
    await wait(20_000);
    const after30 = await server.readMemory();
    return { kind, idle, height, open, left, after10, after30 };
  } finally {
    clearInterval(watching);
    for (const connection of opened) connection.close();
  }
}

/** Measures every kind of burst, each on a server of its own. */
export async function measureBursts(
  folder: string,
  plan: { connections: number; path: string },
): Promise<Burst[]> {
  const bursts: Burst[] = [];
  for (const kind of KINDS) bursts.push(await measureBurst(folder, kind, plan));
  return bursts;
}
