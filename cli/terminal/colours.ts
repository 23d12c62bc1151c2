import { bold, cyan, dim, green, red, yellow } from "@std/fmt/colors";

/** Marks a text for a terminal, or leaves it as it is. */
export type Paint = (text: string) => string;

/** The few colours that the command line uses. */
export interface Colours {
  bold: Paint;
  dim: Paint;
  red: Paint;
  green: Paint;
  yellow: Paint;
  cyan: Paint;
}

// deno-std's npm package carries no types. It leaves texts alone under NO_COLOR.
const PAINTED: Colours = { bold, dim, red, green, yellow, cyan };

const plain: Paint = (text) => text;
const PLAIN: Colours = {
  bold: plain,
  dim: plain,
  red: plain,
  green: plain,
  yellow: plain,
  cyan: plain,
};

/** The colours for a stream: none unless it is a terminal and NO_COLOR is unset. */
export function coloursFor(stream: { isTerminal(): boolean }): Colours {
  return stream.isTerminal() ? PAINTED : PLAIN;
}
