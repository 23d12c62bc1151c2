/**
 * What an exported page has of this repository: how a picture and a drawing become what
 * a model sees. `page_pictures_script.ts` is this module with all that it imports, as
 * the text that pages hold.
 *
 * @module
 */
import { openPicture } from "../data/drawing/open_picture.ts";
import { rasteriseStrokes } from "../data/drawing/rasterise_strokes.ts";
import { readsHandwriting, seePicture } from "../data/drawing/see_picture.ts";

Object.assign(globalThis, {
  retort: { openPicture, rasteriseStrokes, readsHandwriting, seePicture },
});
