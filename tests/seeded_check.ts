/**
 * fast-check with one seed, so that every run tests the same cases; set
 * `RETORT_CHECK_SEED` to try others.
 *
 * @module
 */
import fc from "fast-check";

fc.configureGlobal({
  seed: Number(Deno.env.get("RETORT_CHECK_SEED") ?? 20_261_122),
});

export { fc };
