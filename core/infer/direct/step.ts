/** One layer made ready: reads one image's `x`, `[…input]`, and fills `y`, `[…output]`. */
export type Step = (x: Float64Array, y: Float64Array) => void;
