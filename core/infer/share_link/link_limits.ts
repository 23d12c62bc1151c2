/**
 * Longest fragment that is read or written, in characters: browsers take links of
 * up to 2 million, and models of this size are no longer quick to decode.
 */
export const MOST_CHARACTERS = 2 ** 20;

/** Most points of a drawing in a link: minutes of drawing. */
export const MOST_POINTS = 10_000;

/** Most strokes of a drawing in a link. */
export const MOST_STROKES = 1_000;
