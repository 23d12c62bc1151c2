import { describeError } from "./describe_error.ts";
import type { DrawState } from "./draw_state.ts";
import { readModelFile } from "./read_model_file.ts";

/** Runs the model of a file that was dropped or chosen, or tells the user why not. */
export async function openFile(state: DrawState, file: File): Promise<void> {
  try {
    state.choice.open(await readModelFile(file), "file", file.name);
    state.message.value = null;
  } catch (error) {
    state.message.value = `${file.name} can’t be run here. ${
      describeError(error)
    }`;
  }
}
