import { fileURLToPath } from "node:url";
import type { Shots } from "./fire.ts";

const FIRE = fileURLToPath(new URL("fire.ts", import.meta.url));

/** Fires at a server from a process of its own. */
export async function runFire(
  origin: string,
  amount: number,
  connections: number,
  paths: readonly string[],
): Promise<Shots> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check", FIRE, origin],
      ...[`${amount}`, `${connections}`, ...paths],
    ],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}
