import { get } from "node:http";

/** A response as it comes over the wire. */
export interface RecordedAnswer {
  path: string;
  headers: [string, string][];
  /** Compressed, where the server compresses it. */
  body: Uint8Array<ArrayBuffer>;
}

/** What every request of the load says of itself. */
export const REQUEST_HEADERS = { "accept-encoding": "gzip, deflate, br" };

/** Headers that a server sets by itself. */
const OWN = new Set(["date", "connection", "keep-alive", "transfer-encoding"]);

/** Asks a server as the load does and keeps the answer, byte for byte. */
export function recordAnswer(
  origin: string,
  path: string,
): Promise<RecordedAnswer> {
  return new Promise((resolve, reject) => {
    get(`${origin}${path}`, { headers: REQUEST_HEADERS }, (response) => {
      const chunks: Uint8Array[] = [];
      response.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", async () => {
        if (response.statusCode !== 200) {
          return reject(new Error(`${path}: ${response.statusCode}`));
        }
        const headers = Object.entries(response.headers)
          .filter(([name]) => !OWN.has(name))
          .map(([name, value]): [string, string] => [name, String(value)]);
        const body = await new Blob(chunks.map((each) => each.slice())).bytes();
        resolve({ path, headers, body });
      });
    }).on("error", reject);
  });
}
