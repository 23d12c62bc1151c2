import { openPicture } from "../../../core/data/drawing/open_picture.ts";
import { seePicture } from "../../../core/data/drawing/see_picture.ts";
import { cleanText } from "../../../core/text/clean_text.ts";
import type { DrawState } from "./draw_state.ts";
import { explainError } from "./explain_error.ts";
import { reading } from "./reading.ts";

/** Most characters of a file's name that the page shows. */
const MOST_CHARACTERS = 40;

let latest: File | null = null;

/** Lets what was said be shown before the page is at work. */
function nextFrame(): Promise<unknown> {
  return new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
}

/**
 * Puts the picture in `file` on the canvas, as the model sees it, or tells the user
 * why not; of two that are read at once, the later one counts.
 */
export async function showPhoto(state: DrawState, file: File): Promise<void> {
  const { choice, data, message, pictures, refresh } = state;
  latest = file;
  const name = cleanText(file.name, { length: MOST_CHARACTERS });
  reading.value = `Reading ${name}…`;
  try {
    await nextFrame();
    // By its short name, so that an error is no name alone.
    const named = new File([file], name, { type: file.type });
    const picture = await openPicture(named, 1);
    if (file !== latest) return;
    const [height, width] = picture.shape;
    const classNames = choice.running.peek()?.labels ??
      Array.from({ length: data.classes }, (_, label) => String(label));
    const seen = seePicture(picture, { input: [28, 28, 1], classNames });
    if (!seen) {
      message.value =
        `Nothing written is to be seen on ${name}: take the picture nearer, in more light`;
      return;
    }
    const how = seen.handwriting ? "cropped and centred" : "resized";
    const photo = `${name}, ${width}×${height}, ${how}`;
    pictures.show({ strokes: [], image: seen.pixels, sample: null, photo });
    message.value = null;
    refresh();
  } catch (error) {
    if (file === latest) message.value = explainError(error);
  } finally {
    if (file === latest) reading.value = null;
  }
}
