import { fileURLToPath } from "node:url";
import type { System } from "../../bench/system.ts";

const FIXTURE = fileURLToPath(new URL("./peer_fixture.ts", import.meta.url));

/** A system whose program does as it is told. */
export function pretend(behaviour: string): System {
  return {
    name: "tfjs",
    backend: "wasm",
    command: Deno.execPath(),
    args: ["run", "--no-check", "-A", FIXTURE, behaviour],
  };
}
