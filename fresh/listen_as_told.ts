import { parseArgs } from "@std/cli/parse-args";
import type { App } from "./app.ts";

/** Serves an app where the program's arguments --host and --port say. */
export async function listenAsTold<State>(app: App<State>): Promise<void> {
  const { host, port } = parseArgs(Deno.args, {
    string: ["host", "port"],
    default: { host: "0.0.0.0", port: "8000" },
  });
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) {
    throw new Error(
      `Cannot listen: a port is a whole number up to 65535, not "${port}"; give --port another`,
    );
  }
  await app.listen({ hostname: host, port: Number(port) });
}
