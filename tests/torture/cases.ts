/**
 * Every command that writes, on a scale of seconds, from one small experiment.
 *
 * @module
 */
import { SWEEP, TINY, trainTiny } from "../cli/tiny_experiment.ts";
import { EVOLUTION, SEARCH } from "../cli/tiny_search.ts";

/** One command line to be killed, over and over. */
export interface TortureCase {
  name: string;
  args: string[];
  /**
   * What it finds in its folder beside the digits and their teacher: its own empty
   * caches rather than those of the experiment, a copy of the experiment's studies (and
   * a file of the search among them), or of its teacher as an older model called `model`;
   * or a program of its own, which it builds the site of, with an older one in its place.
   */
  has: ("empty caches" | "studies" | "old model" | "own program")[];
}

const DATA = ["--data", "digits", "--teacher", "teacher"];
const WASM = ["--backend", "wasm"];

/** The search that the experiment holds. */
export const SEARCHED = ["--study", "searched"];

export const TORTURE_CASES: readonly TortureCase[] = [
  { name: "sweep", args: SWEEP, has: ["empty caches"] },
  { name: "search", args: SEARCH, has: ["empty caches"] },
  { name: "search --evolve", args: EVOLUTION, has: ["empty caches"] },
  {
    name: "train",
    args: trainTiny("--epochs", "4", "--out", "model"),
    has: [],
  },
  {
    name: "distill",
    args: [
      ...["distill", ...TINY, "--hidden", "4", "--fine-tune", "2"],
      ...["--out", "model"],
    ],
    has: [],
  },
  {
    name: "distill --force",
    args: [
      ...["distill", ...TINY, "--hidden", "2", "--out", "model", "--force"],
    ],
    has: ["old model"],
  },
  {
    name: "compact",
    args: [
      ...["compact", ...DATA, ...WASM, "--layers", "pool2,dense12"],
      ...["--copies", "2", "--epochs", "3", "--quantised-epochs", "3"],
      ...["--batch", "16", "--out", "made/small.dram"],
    ],
    has: ["empty caches"],
  },
  {
    name: "compress",
    args: [
      ...["compress", "teacher", ...DATA, ...WASM, "--copies", "2"],
      ...["--rounds", "2", "--epochs", "2", "--sparsity", "0.5"],
      ...["--form-epochs", "1", "--tries", "3", "--out", "made/small.dram"],
      ...["--method", "thin", "--widths", "conv1=4,conv2=6,dense1=16"],
    ],
    has: [],
  },
  { name: "report", args: ["report", "--out", "drawn"], has: ["studies"] },
  {
    name: "report --bytes",
    args: ["report", "--bytes", ...SEARCHED],
    has: ["studies"],
  },
  {
    name: "frontier --export",
    args: [
      ...["frontier", "--accuracy=0.3", "--teacher=teacher", ...WASM],
      ...["--export", "model"],
    ],
    has: ["studies"],
  },
  {
    name: "frontier --export --force",
    args: [
      ...["frontier", "--accuracy=0.3", "--teacher=teacher", ...WASM],
      ...["--export", "model", "--force"],
    ],
    has: ["studies", "old model"],
  },
  {
    name: "frontier --bytes",
    args: [
      ...["frontier", "--bytes", ...SEARCHED, "--accuracy", "0.3"],
      ...["--export", "made/small.dram"],
    ],
    has: ["studies"],
  },
  {
    name: "frontier --hypervolume",
    args: [
      ...["frontier", "--bytes", ...SEARCHED],
      ...["--hypervolume", "made/searched.svg"],
    ],
    has: ["studies"],
  },
  {
    name: "site",
    args: ["site", ...DATA, "--search", SEARCHED[1], "--out", "static"],
    has: ["studies"],
  },
  {
    name: "baselines",
    args: [
      ...["baselines", "small.dram", "--data", "digits", ...WASM],
      ...["--out", "made"],
    ],
    has: ["studies"],
  },
  {
    name: "import",
    args: [
      ...["import", "teacher", "--data", "digits", ...WASM, "--out", "made"],
    ],
    has: [],
  },
  {
    name: "export",
    args: [
      ...["export", "small.dram", "--data", "digits", "--to", "js"],
      ...["--out", "made/small.js"],
    ],
    has: ["studies"],
  },
  { name: "build", args: ["build"], has: ["own program"] },
];
