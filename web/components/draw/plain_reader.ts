import { loadPlain, peekPlain } from "../../../core/infer/load_plain.ts";
import type { DramReader } from "./accept_model.ts";

/** Reads what the site ships: no file of version 3 is among it. */
export const PLAIN_READER: DramReader = { peek: peekPlain, load: loadPlain };
