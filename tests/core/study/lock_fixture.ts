/**
 * Takes the study named as its argument, says so, and holds it until it is
 * killed; for lock_test.ts.
 *
 * @module
 */
import { lockStudy } from "../../../core/study/run_study.ts";

await lockStudy(Deno.args[0]);
console.log("locked");
await new Promise((wake) => setTimeout(wake, 60_000));
