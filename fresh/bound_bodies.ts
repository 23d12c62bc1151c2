/** Bodies up to this length go out at once: they cost less than what would count them. */
const SMALL = 16 * 1024;

/** Bytes that are handed over at a time, so that an unread body costs no more. */
const CHUNK = 16 * 1024;

/** How often it is looked whether a place has become free. */
const LOOK_MS = 200;

/** How many bodies may be under way, and how long others wait. */
export interface BodyBounds {
  /** Bodies under way at a time. */
  most?: number;
  /** Milliseconds after which a reader that takes nothing is left. */
  stalledMs?: number;
  /** The same, where its place is wanted for another. */
  wantedMs?: number;
  /** Milliseconds that a body waits for a place. */
  waitMs?: number;
}

/** A body that is being sent. */
interface Sending {
  /** When its reader last took some of it. */
  taken: number;
  /** Ends it before its end, which cuts the connection. */
  cut(): void;
}

/** Headers that tell of a body. */
const OF_BODY = ["accept-ranges", "content-encoding", "content-length"]
  .concat("content-range", "etag", "last-modified", "link");

/** A response in place of `refused`, with its headers but for those of its body. */
function answerBusy(refused: Response): Response {
  const headers = new Headers(refused.headers);
  for (const name of OF_BODY) headers.delete(name);
  headers.set("cache-control", "no-store");
  headers.set("content-type", "text/plain; charset=utf-8");
  headers.set("retry-after", "5");
  return new Response("This server is busy; ask again in some seconds.\n", {
    status: 503,
    headers,
  });
}

/**
 * Makes a function that bounds what unread responses cost: it hands bodies over
 * piece by piece, only so many at a time, and cuts off readers that have stopped
 * to read. Others wait for a place; what finds none in time becomes a 503 with the
 * headers that it had. A refusal at once would invite the next request at once.
 *
 * Deno's own server would copy each body whole, for every connection, and say
 * that it was sent before any of it is.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { boundBodies } from "./bound_bodies.ts";
 *
 * const bound = boundBodies({ most: 1, waitMs: 50 });
 * const page = () => new Response("7".repeat(100_000));
 * const [first, second] = await Promise.all([bound(page()), bound(page())]);
 * assertEquals([first.status, second.status], [200, 503]);
 * assertEquals((await first.text()).length, 100_000);
 * assertEquals((await bound(page())).status, 200);
 * ```
 */
export function boundBodies(
  { most = 128, stalledMs = 30_000, wantedMs = 5000, waitMs = 2000 }:
    BodyBounds = {},
): (response: Response) => Promise<Response> {
  const sending = new Set<Sending>(); // who took longest ago comes first
  const waiting: { until: number; answer(found: boolean): void }[] = [];
  let looking: ReturnType<typeof setTimeout> | undefined;

  /** Whether there is a place, which one who has stopped to read may have to give. */
  function findPlace(): boolean {
    if (sending.size < most) return true;
    const [slowest] = sending;
    if (!slowest || Date.now() - slowest.taken < wantedMs) return false;
    slowest.cut();
    return true;
  }

  /** Gives places to those that wait, and refuses those that have for long enough. */
  function look(): void {
    looking = undefined;
    while (waiting.length > 0) {
      const found = findPlace();
      if (!found && waiting[0].until > Date.now()) break;
      waiting.shift()?.answer(found);
    }
    if (waiting.length > 0) looking = setTimeout(look, LOOK_MS);
  }

  /** Takes a place for `body`; `undefined` where none becomes free in time. */
  async function takePlace(
    body: ReadableStream<Uint8Array<ArrayBuffer>>,
  ): Promise<ReadableStream<Uint8Array<ArrayBuffer>> | undefined> {
    if (waiting.length === 0 && findPlace()) {
      return sendPieces(body, sending, stalledMs);
    }
    return await new Promise((resolve) => {
      waiting.push({
        until: Date.now() + waitMs,
        answer: (found) =>
          resolve(found ? sendPieces(body, sending, stalledMs) : undefined),
      });
      looking ??= setTimeout(look, Math.min(LOOK_MS, waitMs));
    });
  }

  return async (response) => {
    const length = response.headers.get("content-length");
    // Where the body is small, not even a look at it: that makes a stream of it.
    if (length !== null && Number(length) <= SMALL) return response;
    const { body } = response;
    if (body === null) return response;
    const pieces = await takePlace(body);
    if (pieces) return new Response(pieces, response);
    body.cancel().catch(() => {}); // it has told nobody anything yet
    return answerBusy(response);
  };
}

/** Hands `body` over piece by piece; it is among those of `sending` until its end. */
function sendPieces(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  sending: Set<Sending>,
  stalledMs: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  let rest = new Uint8Array();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const own: Sending = { taken: 0, cut: () => {} };
  const leave = () => {
    clearTimeout(timer);
    sending.delete(own);
  };
  const renew = () => {
    leave();
    own.taken = Date.now();
    sending.add(own); // anew, as the latest
    timer = setTimeout(() => own.cut(), stalledMs);
  };
  renew();
  return new ReadableStream({
    start(controller) {
      own.cut = () => {
        leave();
        const error = new Error("Cannot send on: its reader has stopped");
        controller.error(error);
        reader.cancel(error).catch(() => {}); // of no use to who has left
      };
    },
    async pull(controller) {
      renew();
      while (rest.length === 0) {
        const { value, done } = await reader.read().catch((error) => {
          leave();
          throw error;
        });
        if (!sending.has(own)) return; // cut off meanwhile
        if (done) {
          leave();
          return controller.close();
        }
        rest = value;
      }
      controller.enqueue(rest.subarray(0, CHUNK));
      rest = rest.subarray(CHUNK);
    },
    cancel(reason) {
      leave();
      return reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}
