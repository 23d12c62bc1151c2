import type { Option, OptionTable, OptionValues } from "./option.ts";

/** The same options without what holds unless they are given. */
export type WithoutDefaults<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Omit<Table[Name], "default">;
};

/** `option`, whose default, or the `other` in its place, --help goes on telling. */
function dropDefault(option: Option, other: unknown): Option {
  if (!("default" in option) || option.default === undefined) return option;
  const { default: usual, ...rest } = option;
  return { ...rest, usual: `${other ?? usual}` };
}

/**
 * The options of `table` without their defaults: what isn't given is undefined, so
 * that a command sees what was. `others` are what holds in place of some defaults.
 */
export function withoutDefaults<Table extends OptionTable>(
  table: Table,
  others: Readonly<Record<string, unknown>> = {},
): WithoutDefaults<Table> {
  const entries = Object.entries(table).map(([name, option]) =>
    [name, dropDefault(option, others[name])] as const
  );
  return Object.fromEntries(entries) as WithoutDefaults<Table>;
}

/** `values` of {@linkcode withoutDefaults}, the defaults of `table` where there is none. */
export function fillDefaults<Table extends OptionTable>(
  table: Table,
  values: Readonly<Record<string, unknown>>,
): OptionValues<Table> {
  const entries = Object.entries(table).map(([name, option]) => [
    name,
    values[name] ?? ("default" in option ? option.default : undefined),
  ]);
  return Object.fromEntries(entries) as OptionValues<Table>;
}
