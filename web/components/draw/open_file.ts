import { cleanText } from "../../../core/text/clean_text.ts";
import { explainError } from "./explain_error.ts";
import type { DrawState } from "./draw_state.ts";
import { readModelFile } from "./read_model_file.ts";

/** Most characters of a file's name that the page shows. */
const MOST_CHARACTERS = 60;

let latest: File | null = null;

/**
 * Runs the model of a file that was dropped or chosen, or tells the user why not; of
 * two that are read at once, the later one counts.
 */
export async function openFile(
  state: Pick<DrawState, "choice" | "message">,
  file: File,
): Promise<void> {
  latest = file;
  const name = cleanText(file.name, { length: MOST_CHARACTERS });
  try {
    const dram = await readModelFile(file);
    if (file !== latest) return;
    if (await state.choice.open(dram, "file", name)) state.message.value = null;
  } catch (error) {
    if (file !== latest) return;
    state.message.value = `${name} can’t be run here. ${explainError(error)}`;
  }
}
