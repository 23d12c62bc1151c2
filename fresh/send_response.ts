import type { ServerResponse } from "node:http";

/** Bodies up to this length go out at once: they cost less than what would count them. */
const SMALL = 16 * 1024;

/** Bytes that are handed over at a time. */
const CHUNK = 16 * 1024;

/** Waits until more can be written; also where nothing more can. */
function waitForRoom(sent: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (sent.destroyed) return resolve();
    const go = () => {
      sent.off("drain", go).off("close", go);
      resolve();
    };
    sent.on("drain", go).on("close", go);
  });
}

/** Waits until all is written, or nothing more can be. */
function finish(sent: ServerResponse, bytes?: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (sent.destroyed) return resolve();
    sent.on("finish", resolve).on("close", resolve);
    sent.end(bytes);
  });
}

/**
 * Writes a response as fast as its reader takes it, and calls `onTaken` whenever
 * it has taken some. A body that fails cuts the connection; a reader that leaves
 * cancels the body.
 */
export async function sendResponse(
  response: Response,
  sent: ServerResponse,
  onTaken: () => void,
): Promise<void> {
  const { headers, status } = response;
  const { req: { complete, method } } = sent;
  const named = Array.from(headers);
  if (!complete) named.push(["connection", "close"]); // its body is of no use
  sent.writeHead(status, named.flat());
  const length = headers.get("content-length");
  // Where the body is small, not even a look at it: that makes a stream of it.
  if (method !== "HEAD" && length !== null && Number(length) <= SMALL) {
    return await finish(sent, await response.bytes());
  }
  const { body } = response;
  if (!body || method === "HEAD") {
    await body?.cancel();
    return await finish(sent);
  }
  const reader = body.getReader();
  try {
    while (!sent.destroyed) {
      const { value, done } = await reader.read();
      if (done) return await finish(sent);
      for (let at = 0; at < value.length && !sent.destroyed; at += CHUNK) {
        const isTaken = sent.write(value.subarray(at, at + CHUNK));
        if (!isTaken) await waitForRoom(sent);
        onTaken();
      }
    }
  } finally {
    await reader.cancel().catch(() => {}); // of no use to who has left
  }
}
