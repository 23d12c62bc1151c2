/** Side of the box that MNIST's digits are fitted into. */
export const BOX_SIDE = 20;

/**
 * Where MNIST has a digit's centre of mass, in rows and in columns counted from 0:
 * on the pixel right of and below the middle of 28×28. In its 60,000 training
 * images the centre lies within 13.5 to 14.5, evenly spread, in all but one: it was
 * moved there by whole pixels.
 */
export const CENTRE_PIXEL = 14;
