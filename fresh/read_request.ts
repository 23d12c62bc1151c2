import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";

/** An address that parses, and that no route has: what it is made of is no UTF-8. */
export const MALFORMED = "http://localhost/%FF";

/** A name or an address of a machine, and a port. */
const HOST = /^(\[[\da-f:.]+\]|[\w.-]+)(:\d+)?$/i;

/** The host that is asked and the rest of the address, where the target names both. */
const ABSOLUTE = /^https?:\/\/([^/?#]*)([^#]*)$/i;

/**
 * The address of a request over http, whatever scheme it claims; that of a
 * malformed one where its target or its host is none.
 */
function readAddress(
  { url: target = "", headersDistinct, httpVersion }: IncomingMessage,
): string {
  const hosts = headersDistinct.host ??
    (httpVersion === "1.0" ? ["localhost"] : []);
  const [, named, rest] = ABSOLUTE.exec(target) ?? [];
  const host = named ?? hosts[0] ?? "";
  const path = rest === undefined ? target : rest.replace(/^(?!\/)/, "/");
  const address = `http://${host}${path}`;
  const isRead = hosts.length === 1 && HOST.test(hosts[0]) && HOST.test(host) &&
    path.startsWith("/") && URL.canParse(address);
  return isRead ? address : MALFORMED;
}

/** What node's server was asked, as a handler wants it. */
export function readRequest(asked: IncomingMessage): Request {
  const { method = "GET", rawHeaders } = asked;
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    headers.append(rawHeaders[i], rawHeaders[i + 1]);
  }
  const address = readAddress(asked);
  const isBare = method === "GET" || method === "HEAD";
  if (isBare) return new Request(address, { method, headers });
  if (address === MALFORMED) return new Request(address);
  const body = Readable.toWeb(asked) as ReadableStream<
    Uint8Array<ArrayBuffer>
  >;
  return new Request(address, { method, headers, body });
}
