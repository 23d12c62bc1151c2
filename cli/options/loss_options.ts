import {
  LOSSES,
  type LossKind,
  type LossParameters,
  type LossSpec,
  makeLoss,
  type ParameterRule,
} from "../../core/train/losses/losses.ts";
import { UsageError } from "../terminal/errors.ts";
import { flagOf, type NumberOption, type OptionTable } from "./option.ts";

/** Names of the losses on the command line; `labels` learns from no teacher. */
export const LOSS_NAMES: readonly string[] = Object.values(LOSSES)
  .map(({ option }) => option);

/** Names of the parameters of all losses. */
type ParameterName = {
  [K in LossKind]: keyof LossParameters[K];
}[LossKind];

/** Values of {@linkcode LOSS_OPTIONS}: what wasn't given is undefined. */
export type LossValues = { [Name in ParameterName]?: number };

function optionOf({ symbol: _, usual, ...rest }: ParameterRule) {
  return { ...rest, kind: "number", usual: `${usual}` } as const;
}

/** Options of the losses' own parameters. */
export const LOSS_OPTIONS = {
  temperature: optionOf(LOSSES.distillation.parameters.temperature),
  alpha: optionOf(LOSSES.distillation.parameters.alpha),
} as const satisfies Record<ParameterName, NumberOption> & OptionTable;

/** Throws a `UsageError` where `values` have a parameter of no loss among `names`. */
export function checkLossValues(
  names: readonly string[],
  values: LossValues,
): void {
  const given: Record<string, unknown> = { ...values };
  for (const name of Object.keys(LOSS_OPTIONS)) {
    if (given[name] === undefined) continue;
    const owners = Object.values(LOSSES)
      .filter(({ parameters }) => name in parameters)
      .map(({ option }) => option);
    if (owners.some((owner) => names.includes(owner))) continue;
    throw new UsageError(
      `Cannot use ${flagOf(name)} without --loss ${
        owners.join(" or ")
      }: no other loss has one`,
    );
  }
}

/** Whether `values` has a parameter of any loss. */
export function hasLossValues(values: LossValues): boolean {
  const given: Record<string, unknown> = { ...values };
  return Object.keys(LOSS_OPTIONS).some((name) => given[name] !== undefined);
}

/** The loss that `--loss` calls `name`, with the parameters that `values` have. */
export function chooseLoss(name: string, values: LossValues): LossSpec {
  for (const [kind, { option }] of Object.entries(LOSSES)) {
    if (option === name) return makeLoss(kind, { ...values });
  }
  throw new UsageError(
    `Cannot use --loss ${name}: it must be one of ${LOSS_NAMES.join(", ")}`,
  );
}
