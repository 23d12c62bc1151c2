import { flagOf, type OptionTable } from "./option.ts";

/** A word as a shell takes it. */
function quote(word: string): string {
  if (/^[\w./=:-]+$/.test(word)) return word;
  return `"${word.replace(/["\\$`]/g, "\\$&")}"`;
}

/**
 * The command line that gives `values` to the command `name`: a flag for each of
 * `options` whose value isn't its default.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { commandLine } from "./command_line.ts";
 *
 * const options = {
 *   bits: { kind: "integer", default: 4, help: "" },
 *   layers: { kind: "string", help: "" },
 * } as const;
 * assertEquals(commandLine("compact", options, { bits: 4, layers: "max2,mean" }), 'compact --layers "max2,mean"');
 * ```
 */
export function commandLine(
  name: string,
  options: OptionTable,
  values: Readonly<Record<string, unknown>>,
): string {
  const words = Object.entries(options).flatMap(([option, spec]) => {
    const value = values[option];
    const usual = "default" in spec ? spec.default : undefined;
    if (value === undefined || `${value}` === `${usual}`) return [];
    if (spec.kind === "boolean") return value ? [flagOf(option)] : [];
    return [flagOf(option), quote(`${value}`)];
  });
  return [name, ...words].join(" ");
}
