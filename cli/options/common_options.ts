import type { OptionTable, OptionValues } from "./option.ts";

/** The seed unless --seed gives another. */
export const DEFAULT_SEED = 1;

/** The options that every command takes. */
export const COMMON_OPTIONS = {
  json: {
    kind: "boolean",
    help: "print one JSON document on standard output, nothing else",
  },
  seed: {
    kind: "integer",
    min: 0,
    usual: `${DEFAULT_SEED}`,
    help: "what every random choice derives from",
  },
  backend: {
    kind: "choice",
    choices: ["auto", "webgpu", "wasm", "cpu"],
    default: "auto",
    help: "what computes; auto takes a GPU where there is one",
  },
  verbose: { kind: "boolean", help: "say more, and where an error came from" },
  help: { kind: "boolean", help: "print this" },
} as const satisfies OptionTable;

/** Values of the options that every command takes. */
export type CommonValues = OptionValues<typeof COMMON_OPTIONS>;
