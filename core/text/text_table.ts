import { cleanText } from "./clean_text.ts";

/** A column of a table: its heading, and the side on which its cells line up. */
export interface Column {
  heading: string;
  align: "left" | "right";
}

/**
 * `rows` under `columns` as lines of text, cells clean, short and padded to one
 * width a column; with `markdown` as a table of GitHub's Markdown.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatTextTable } from "./text_table.ts";
 *
 * const columns = [{ heading: "n", align: "right" }, { heading: "name", align: "left" }] as const;
 * assertEquals(formatTextTable([...columns], [["10", "ten"]]), " n  name\n10  ten\n");
 * ```
 */
export function formatTextTable(
  columns: Column[],
  rows: string[][],
  { markdown = false }: { markdown?: boolean } = {},
): string {
  const cells = [columns.map(({ heading }) => heading), ...rows]
    .map((row) => row.map((cell) => cleanText(cell)))
    .map((row) => markdown ? row.map(escapeMarkdown) : row);
  const widths = columns.map((_, index) =>
    Math.max(markdown ? 3 : 0, ...cells.map((row) => row[index].length))
  );
  const lines = cells.map((row) =>
    row.map((cell, index) =>
      columns[index].align === "right"
        ? cell.padStart(widths[index])
        : cell.padEnd(widths[index])
    )
  );
  if (!markdown) {
    return lines.map((line) => `${line.join("  ").trimEnd()}\n`).join("");
  }
  lines.splice(
    1,
    0,
    columns.map(({ align }, index) =>
      align === "right"
        ? `${"-".repeat(widths[index] - 1)}:`
        : "-".repeat(widths[index])
    ),
  );
  return lines.map((line) => `| ${line.join(" | ")} |\n`).join("");
}

/** `text` with what would end a cell or start a tag made harmless. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\|<]/g, "\\$&").replace(/\s+/g, " ");
}
