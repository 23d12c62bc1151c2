import { COMMON_OPTIONS } from "../options/common_options.ts";
import {
  flagOf,
  type Option,
  type OptionTable,
  ruleOf,
} from "../options/option.ts";
import type { PositionalTable } from "../options/parse_options.ts";

/** What help needs to know of a command. */
interface Helped {
  name: string;
  about: string;
  examples: readonly string[];
  options: OptionTable;
  positional?: PositionalTable;
}

const PLACEHOLDERS = {
  boolean: "",
  string: "TEXT",
  path: "PATH",
  integer: "N",
  integers: "N,…",
  number: "X",
  numbers: "X,…",
  choice: "WORD",
  choices: "WORD,…",
} as const satisfies Record<Option["kind"], string>;

function leftColumn(name: string, option: Option): string {
  const value = option.placeholder ?? PLACEHOLDERS[option.kind];
  return `${flagOf(name)} ${value}`.trimEnd();
}

/** What an option does, then in brackets what it takes and what holds without it. */
function rightColumn(option: Option): string {
  const facts: string[] = [];
  const rule = ruleOf(option);
  if (option.kind !== "boolean") {
    if (rule !== "text") facts.push(rule);
    const usual = option.usual ?? option.default;
    if (usual !== undefined) facts.push(`default ${usual}`);
  }
  return facts.length > 0
    ? `${option.help} (${facts.join("; ")})`
    : option.help;
}

/** Characters in a line of help, at the most. */
const LINE = 80;

/** `text` in lines of at most `width` characters, broken at spaces. */
function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

/** Lines of two columns, the second aligned, and wrapped to `line` characters. */
export function alignColumns(
  rows: readonly (readonly [string, string])[],
  line = Infinity,
): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.flatMap(([left, right]) =>
    wrapText(right, line - width - 4).map((part, index) =>
      `  ${(index === 0 ? left : "").padEnd(width)}  ${part}`
    )
  );
}

/** `[teacher|student]`, `FILE`: how usage shows what stands beside flags. */
function showPositional(positional: PositionalTable): string {
  return Object.entries(positional).map(([name, option]) => {
    const word = option.placeholder ??
      (option.kind === "choice"
        ? option.choices.join("|")
        : name.toUpperCase());
    return option.required ? `${word} ` : `[${word}] `;
  }).join("");
}

/** What `--help` prints of a command: usage, purpose, options, examples. */
export function helpText(
  { name, about, examples, options, positional = {} }: Helped,
): string {
  const rows = (table: OptionTable) =>
    Object.entries(table).map(([each, option]) =>
      [leftColumn(each, option), rightColumn(option)] as const
    );
  const beside = Object.entries(positional).map(([each, option]) =>
    [option.placeholder ?? each.toUpperCase(), rightColumn(option)] as const
  );
  const all = [...beside, ...rows(options), ...rows(COMMON_OPTIONS)];
  const lines = alignColumns(all, LINE);
  return [
    `Usage: deno task ${name} ${showPositional(positional)}[options]`,
    "",
    about,
    "",
    "Options:",
    ...lines,
    "",
    "Examples:",
    ...examples.map((example) => `  deno task ${example}`),
  ].join("\n");
}
