import { Builder } from "fresh/dev";
import { app } from "./app/main.ts";
import type { State } from "./app/define.ts";

/** Asks the app for a path, without a port. */
export type Ask = (path: string, init?: RequestInit) => Promise<Response>;

/** The small app, built in memory. */
export async function buildApp(): Promise<Ask> {
  const root = new URL("app", import.meta.url).pathname;
  const builder = new Builder<State>({ root });
  const applySnapshot = await builder.build({ snapshot: "memory" });
  applySnapshot(app);
  const handler = app.handler();
  return (path, init) => handler(new Request(`http://localhost${path}`, init));
}
