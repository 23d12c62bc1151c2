import { fileURLToPath } from "node:url";
import type { Shots } from "./fire.ts";
import { runFire } from "./run_fire.ts";
import { type SpawnedServer, spawnServer } from "./spawn_server.ts";
import { writeAnswers } from "./write_answers.ts";

const BARE = fileURLToPath(new URL("bare_server.ts", import.meta.url));

/** What one server did under the load. */
export interface ServerLoad {
  server: "site" | "bare";
  /** Round by round; the other server's rounds lie between. */
  rounds: Shots[];
  /** Resident set in bytes: before the first round, and after each. */
  memory: number[];
}

/** How much to fire. */
export interface LoadPlan {
  /** Requests to each server. */
  requests: number;
  connections: number;
  /** Turns in which they are fired, the two servers alternating. */
  rounds: number;
  /** What is asked for, in turn. */
  paths: readonly string[];
}

/**
 * Fires at the built site in `folder`, and in turns at a bare server that gives
 * the same bytes from memory.
 */
export async function measureLoad(
  folder: string,
  { requests, connections, rounds, paths }: LoadPlan,
): Promise<ServerLoad[]> {
  const answers = await Deno.makeTempDir();
  try {
    await using site = await spawnServer(folder, "listen.js");
    await writeAnswers(site.origin, paths, answers);
    await using bare = await spawnServer(answers, "serve", BARE, answers);
    const servers: [ServerLoad["server"], SpawnedServer][] = [
      ["site", site],
      ["bare", bare],
    ];
    const loads = await Promise.all(servers.map(async ([name, server]) => ({
      load: {
        server: name,
        rounds: [],
        memory: [await server.readMemory()],
      } as ServerLoad,
      server,
    })));
    for (let round = 0; round < rounds; round++) {
      for (const { load, server } of loads) {
        const amount = requests / rounds;
        const shots = await runFire(server.origin, amount, connections, paths);
        load.rounds.push(shots);
        load.memory.push(await server.readMemory());
      }
    }
    return loads.map(({ load }) => load);
  } finally {
    await Deno.remove(answers, { recursive: true });
  }
}
