import { Builder } from "fresh/dev";
import type { State } from "../../web/define.ts";
import { app } from "../../web/main.ts";

const root = new URL("../../web", import.meta.url).pathname;
const applySnapshot = await new Builder<State>({ root })
  .build({ snapshot: "memory" });
applySnapshot(app);
const handler = app.handler();

/** What the site answers to a request that came from `hostname`. */
export function askFrom(
  hostname: string,
  url: string,
  init?: RequestInit,
): Promise<Response> {
  const remoteAddr = { transport: "tcp", hostname, port: 50_000 } as const;
  const completed = Promise.resolve();
  return handler(new Request(url, init), { remoteAddr, completed });
}

/** What the site, built in memory, answers to a request for a path. */
export function askSite(path: string, init?: RequestInit): Promise<Response> {
  return handler(new Request(`http://localhost${path}`, init));
}

/** The text that the site answers with, which must be found. */
export async function readSite(path: string): Promise<string> {
  const response = await askSite(path);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${path}: ${response.status}`);
  return text;
}
