/**
 * The task `load`: 10,000 requests over 50 connections at the built site, and as
 * many, in turns, at a bare `Deno.serve` of the same bytes. Prints a table, or
 * with --json all rounds. With --bursts: what 1,000 connections, or so many as
 * --connections says, cost that read nothing, read slowly, or end no header.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { buildSite } from "../browser/build_site.ts";
import { DATA, FILES, HASHED, PAGES } from "../site_paths.ts";
import { formatBursts, formatLoad, summariseLoad } from "./format_load.ts";
import { measureBursts } from "./measure_bursts.ts";
import { measureLoad } from "./measure_load.ts";

const { json, bursts, connections } = parseArgs(Deno.args, {
  boolean: ["json", "bursts"],
  string: ["connections"],
  default: { connections: "1000" },
});
const folder = await buildSite();
if (bursts) {
  const measured = await measureBursts(folder, {
    connections: Number(connections),
    path: HASHED.find((path) => path.includes("teacher")) ?? HASHED[0],
  });
  console.log(json ? JSON.stringify(measured) : formatBursts(measured));
} else {
  const loads = await measureLoad(folder, {
    requests: 10_000,
    connections: 50,
    rounds: 5,
    paths: [...PAGES, ...DATA, ...FILES, HASHED[0]],
  });
  const summaries = loads.map(summariseLoad);
  console.log(
    json ? JSON.stringify({ summaries, loads }) : formatLoad(summaries),
  );
  if (summaries.some(({ failed }) => failed > 0)) Deno.exit(1);
}
