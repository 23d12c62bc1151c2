import { MAGIC } from "../../../core/infer/dram_magic.ts";
import type { DrawState } from "./draw_state.ts";
import { explainError } from "./explain_error.ts";

/** Whether a file says that it is a model's, by its name or its first byte. */
async function isModel(file: File): Promise<boolean> {
  if (/\.dram$/i.test(file.name)) return true;
  const [first] = new Uint8Array(await file.slice(0, 1).arrayBuffer());
  return first === MAGIC;
}

/** Does what the user means by a file: runs a model, shows a picture; or tells why not. */
export async function openDropped(state: DrawState, file: File): Promise<void> {
  try {
    if (await isModel(file)) {
      const { openFile } = await import("./open_file.ts");
      await openFile(state, file);
    } else {
      const { showPhoto } = await import("./show_photo.ts");
      await showPhoto(state, file);
    }
  } catch (error) {
    state.message.value = explainError(error);
  }
}
