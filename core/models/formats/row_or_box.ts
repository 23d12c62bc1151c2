import { cleanText } from "../../text/clean_text.ts";
import type { DescribedBox } from "./black_box.ts";
import type { LoadedModel } from "./loaded_model.ts";

/** What a black box is said to be no row of layers for, of `MOST_REASON` characters. */
const MOST_REASON = 120;

/** What a file that can be a black box is told, where layers are needed. */
const WAY_OUT =
  "or use it as a black box, as it is: it can teach `compact`, `search` and `compress` of a student, and `evaluate` scores it";

/** Makes a row of layers of a file that has been read, or throws that it is none. */
type Lower = () => Promise<LoadedModel>;

/** Says what the file is as a black box, being no row for a `reason`; or why it can't be one. */
type Describe = (reason: string) => Promise<DescribedBox | string>;

/** What `lower` gives; or the black box, and the error that says why it is no row. */
async function tryRow(
  lower: Lower,
  describe: Describe,
): Promise<LoadedModel | { box: DescribedBox | string; error: Error }> {
  try {
    return await lower();
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) {
      throw error;
    }
    // Neither the file, nor the way out, nor a long list.
    const [rule] = error.message.replace(/^Cannot load [^]*?: /, "").split(
      "; ",
    );
    const reason = cleanText(rule, { length: MOST_REASON });
    return { box: await describe(reason), error };
  }
}

/** The row of layers that a file is. Throws what `lower` throws, with the way out. */
export async function rowOnly(
  lower: Lower,
  describe: Describe,
): Promise<LoadedModel> {
  const found = await tryRow(lower, describe);
  if (!("error" in found)) return found;
  const { box, error } = found;
  if (typeof box === "string") throw error;
  const Kind = error instanceof RangeError ? RangeError : SyntaxError;
  throw new Kind(`${error.message}; ${WAY_OUT}`, { cause: error });
}

/**
 * The row of layers that a file is, or else the black box. Throws a `SyntaxError` where it
 * is neither, which says why it is not the one, and why not the other.
 */
export async function rowOrBox(
  lower: Lower,
  describe: Describe,
): Promise<LoadedModel | DescribedBox> {
  const found = await tryRow(lower, describe);
  if (!("error" in found)) return found;
  const { box, error } = found;
  if (typeof box !== "string") return box;
  throw new SyntaxError(
    `${error.message}; nor can it be run as a black box: ${box}`,
    { cause: error },
  );
}
