import { REBUILD } from "../layers/parse_keras.ts";

/**
 * Throws a `SyntaxError`: a file is whole, and what it computes is no row of our layers,
 * as `rule` says.
 */
export function refuseRow(source: string, rule: string): never {
  throw new SyntaxError(`Cannot load ${source}: ${rule}; ${REBUILD}`);
}
