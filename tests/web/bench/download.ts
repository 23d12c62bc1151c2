import { get } from "node:http";
import { buffer } from "node:stream/consumers";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

/** How a body may be packed on its way: not, or as a browser asks for it. */
export type Packing = "identity" | "gzip" | "gzip, deflate, br";

/** A file as it came over the wire. */
export interface Download {
  /** Without parameters, as in "text/css". */
  type: string;
  /** Bytes of its body as it came. */
  transferred: number;
  /** Its body, unpacked. */
  body: Uint8Array<ArrayBuffer>;
}

function unpack(bytes: Uint8Array, packing = "identity"): Uint8Array {
  if (packing === "br") return brotliDecompressSync(bytes);
  return packing === "gzip" ? gunzipSync(bytes) : bytes;
}

/**
 * Asks for `url` in a packing, and counts what comes: `fetch` would unpack it
 * unseen. Throws an `Error` where the answer isn't 200.
 */
export function download(url: string, packing: Packing): Promise<Download> {
  const headers = { "accept-encoding": packing };
  return new Promise((resolve, reject) => {
    get(url, { headers }, async (response) => {
      try {
        const bytes = await buffer(response);
        if (response.statusCode !== 200) {
          throw new Error(`Cannot get ${url}: ${response.statusCode}`);
        }
        resolve({
          type: `${response.headers["content-type"]}`.split(";")[0],
          transferred: bytes.length,
          body: new Uint8Array(
            unpack(bytes, response.headers["content-encoding"]),
          ),
        });
      } catch (error) {
        reject(error);
      }
    }).on("error", reject);
  });
}
