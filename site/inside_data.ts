import type { TensorInspection } from "../core/infer/inspect_dram.ts";

/** A picture: of ink or of marks, of at most 16 colours; or a test image in its own. */
export interface InsidePicture {
  /** Columns. */
  width: number;
  /** Rows. */
  height: number;
  /** A PNG file as base64; ink is black, on nothing. */
  png: string;
}

/** What takes bytes in a `.dram` file. */
export type InsidePartName =
  | "frame"
  | "architecture"
  | "labels"
  | "headers"
  | "scales"
  | "weights"
  | "rounding";

/** A part of a file. */
export interface InsidePart {
  /** What it is. */
  part: InsidePartName;
  /** Its cost, in fractions of a byte; to a 10,000th; all parts together are the file's length. */
  bytes: number;
}

/** The weights of one tensor, for a row of a table. */
export interface InsideTensor extends
  Pick<
    TensorInspection,
    "shape" | "bits" | "coding" | "weights" | "zeros" | "entropy"
  > {
  /** Of its layer, in words: `convolution 5×5, 8 filters, stride 2`. */
  layer: string;
  /** Numbers that are multiplied, or those that are added. */
  role: "kernel" | "bias";
  /** How its weights are held: `3 bits × 0.0147`, `codebook of 16`. */
  held: string;
  /** Its header, scales and weights in the file. */
  bytes: number;
}

/** The kernels of a convolution that reads the image. */
export interface InsideFilters {
  /** Rows and columns of one. */
  size: number;
  /** Weights of each, row-major. */
  values: number[][];
  /** The integers that the file holds in their place; null where it holds none. */
  levels: number[][] | null;
}

/** Weights of a dense layer that reads the image, pictured in its place. */
export interface InsideUnits {
  /** Units of the layer. */
  count: number;
  /** Those with the most weight (Σ w²) first: blue is positive, vermillion negative. */
  pictures: InsidePicture[];
}

/** The blank border: pixels that are the same in all images of the data. */
export interface InsideBorder {
  /** Pixels of an image. */
  pixels: number;
  /** Those that are the same in all images that there are to learn from. */
  blank: number;
  /** Pixels that the model reads, through a weight that is not 0. */
  read: number;
  /** Pixels that are blank and read all the same. */
  blankRead: number;
  /** How many weights other than 0 multiply the pixel that is read most. */
  mostReadings: number;
  /** Blue: how often a pixel is read; grey: blank; vermillion: blank, and a dense layer still has weights for it. */
  picture: InsidePicture;
}

/** The weights of a dense layer that reads a map of features, by their place. */
export interface InsideFeatures {
  /** Rows, columns and channels of the map. */
  shape: number[];
  /** Units that read it. */
  units: number;
  /** Weights of the layer. */
  weights: number;
  /** Those that are not 0. */
  left: number;
  /** Places that no weight is left of. */
  emptyPlaces: number;
  /** Places that see nothing but blank pixels. */
  blankPlaces: number;
  /** Weights that read those. */
  blankWeights: number;
  /** Of these, those that are not 0. */
  blankLeft: number;
  /** Blue: mean |w| at a place; grey: none left; vermillion: weights left that see only blank pixels. */
  picture: InsidePicture;
}

/** Which weights of a kernel are left, as a matrix of outputs by inputs. */
export interface InsideMask {
  /** Of its layer, in words. */
  layer: string;
  /** Outputs. */
  rows: number;
  /** Inputs of one output. */
  columns: number;
  /** Weights that are not 0. */
  left: number;
  /** Outputs and inputs of one cell of the picture. */
  cell: number[];
  /** Largest share of weights left in a cell: that of the darkest. */
  most: number;
  /** The share of weights left, cell by cell. */
  picture: InsidePicture;
}

/** An image on which model and teacher disagree. */
export interface InsideExample {
  /** Its place among the test images. */
  index: number;
  /** What it is. */
  label: number;
  /** What the teacher takes it for. */
  teacher: number;
  /** What the model takes it for. */
  model: number;
  /** The model's probability of that. */
  confidence: number;
  /** The image. */
  picture: InsidePicture;
}

/** The test images on which model and teacher disagree. */
export interface InsideDisagreement {
  /** How many there are. */
  count: number;
  /** Those where the teacher is right. */
  teacherRight: number;
  /** Those where the model is right. */
  modelRight: number;
  /**
   * At most 24: of each pair of answers (the teacher's, the model's) the first image,
   * pairs that occur most first; then the second image of each, and so on.
   */
  examples: InsideExample[];
}

/** A section that a model has nothing to show in, and why. */
export interface InsideGap {
  /** Which. */
  section: "filters" | "units" | "features" | "masks" | "disagreement";
  /** Why, as a sentence. */
  why: string;
}

/** What the Inside page shows of one model; `web/static/data/inside.json` has them by name. */
export interface SiteInside {
  /** The model's name, as in `SiteModel`. */
  name: string;
  /** Length of its file. */
  bytes: number;
  /** Weights, zeros included. */
  parameters: number;
  /** Weights other than 0. */
  left: number;
  /** Multiply-adds for one image. */
  multiplyAdds: number;
  /** Bits of the whole file by weight. */
  bitsPerWeight: number;
  /** Where the bytes go. */
  parts: InsidePart[];
  /** Where the weights' bytes go, in the order of the file. */
  tensors: InsideTensor[];
  /** Of a model that begins with a convolution. */
  filters: InsideFilters | null;
  /** Of a model that begins with a dense layer. */
  units: InsideUnits | null;
  /** The blank border of the images. */
  border: InsideBorder;
  /** Of a model with a dense layer on a map of features. */
  features: InsideFeatures | null;
  /** Kernels of which at least half is 0. */
  masks: InsideMask[];
  /** Test images by class (row) and by the model's answer (column). */
  confusion: number[][];
  /** Null for the teacher. */
  disagreement: InsideDisagreement | null;
  /** What is null or empty above, and why. */
  gaps: InsideGap[];
}
