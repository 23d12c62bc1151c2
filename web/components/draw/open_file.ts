import { describeError } from "./describe_error.ts";
import type { DrawState } from "./draw_state.ts";
import { readModelFile } from "./read_model_file.ts";

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
  try {
    const dram = await readModelFile(file);
    if (file !== latest) return;
    state.choice.open(dram, "file", file.name);
    state.message.value = null;
  } catch (error) {
    if (file !== latest) return;
    state.message.value = `${file.name} can’t be run here. ${
      describeError(error)
    }`;
  }
}
