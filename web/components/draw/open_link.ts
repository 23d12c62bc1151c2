import { explainError } from "./explain_error.ts";
import type { DrawState } from "./draw_state.ts";

/**
 * Runs the model that `fragment` holds and shows the drawing beside it, with
 * nothing fetched but the code to read it; whether it held one that runs. A link that can't be
 * read is told to the user.
 */
export async function openLink(
  state: DrawState,
  fragment: string,
): Promise<boolean> {
  if (fragment.length < 2) return false;
  try {
    const { decodeShareLink } = await import(
      "../../../core/infer/share_link/decode_share_link.ts"
    );
    const shared = decodeShareLink(fragment);
    if (!shared) return false;
    if (!await state.choice.open(shared.dram, "link", "")) return false;
    state.pictures.show({ ...shared.drawing, sample: null });
    state.refresh();
    return true;
  } catch (error) {
    state.message.value = explainError(error);
    return false;
  }
}
