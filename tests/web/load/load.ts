/**
 * The task `load`: 10,000 requests over 50 connections at the built site, and as
 * many, in turns, at a bare `Deno.serve` of the same bytes. Prints a table, or
 * with --json all rounds.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { buildSite } from "../browser/build_site.ts";
import { DATA, FILES, HASHED, PAGES } from "../site_paths.ts";
import { formatLoad, summariseLoad } from "./format_load.ts";
import { measureLoad } from "./measure_load.ts";

const { json } = parseArgs(Deno.args, { boolean: ["json"] });
const loads = await measureLoad(await buildSite(), {
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
