import { flagOf, type OptionTable } from "./option.ts";
import { recordedName } from "./own_path.ts";

/** A word as a shell takes it. */
export function quote(word: string): string {
  if (/^[\w./=:-]+$/.test(word)) return word;
  return `"${word.replace(/["\\$`]/g, "\\$&")}"`;
}

/**
 * The command line that gives `values` to the command `name`: a flag for each of
 * `options` whose value isn't its default, paths by their recorded names.
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
    if (value === undefined) return [];
    if (spec.kind === "boolean") return value ? [flagOf(option)] : [];
    const text = spec.kind === "path" ? recordedName(`${value}`) : `${value}`;
    return text === `${usual}` ? [] : [flagOf(option), quote(text)];
  });
  return [name, ...words].join(" ");
}
