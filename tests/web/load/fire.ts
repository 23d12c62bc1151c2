/**
 * Asks a server for some paths in turn, as often and over as many connections
 * as its arguments say, and prints what came of it as JSON.
 *
 * @module
 */
import autocannon from "autocannon";
import { REQUEST_HEADERS } from "./record_answer.ts";

/** What came of some requests. */
export interface Shots {
  answered: number;
  /** Errors of the connection, those that took too long, and answers but 200. */
  failed: number;
  seconds: number;
  /** Latencies that half of the requests, and all but a hundredth, stay below. */
  p50Ms: number;
  p99Ms: number;
}

if (import.meta.main) {
  const [origin, amount, connections, ...paths] = Deno.args;
  const { requests, latency, errors, timeouts, non2xx, duration } =
    await autocannon({
      url: origin,
      amount: Number(amount),
      connections: Number(connections),
      requests: paths.map((path) => ({ path, headers: REQUEST_HEADERS })),
    });
  const shots: Shots = {
    answered: requests.total,
    failed: errors + timeouts + non2xx,
    seconds: duration,
    p50Ms: latency.p50,
    p99Ms: latency.p99,
  };
  console.log(JSON.stringify(shots));
  Deno.exit();
}
