import { isMnist } from "../data/mnist_hashes.ts";

/** A published model whose size in bytes is known. */
export interface PublishedPoint {
  /** Who, short enough for a chart. */
  name: string;
  /** Test accuracy on MNIST, as published. */
  accuracy: number;
  /** Size in bytes, as published. */
  bytes: number;
  /**
   * Whether the model was chosen on images apart from the test set: `true` only
   * where the source says so, `null` where it says nothing.
   */
  cleanSplit: boolean | null;
  /** What the size counts, and what else a reader should know. */
  note: string;
  /** Where it was published. */
  source: string;
}

/**
 * Published models of MNIST to set ours beside. Works that give parameters, or a
 * ratio, but no bytes are left out: what their files would take is anyone's guess.
 */
export const PUBLISHED_POINTS: readonly PublishedPoint[] = [
  {
    name: "Deep Compression, LeNet-300-100",
    accuracy: 0.9842,
    bytes: 27_000,
    cleanSplit: null,
    note: "40× smaller: pruned, shared and Huffman-coded weights",
    source: "Han, Mao, Dally, Deep Compression, ICLR 2016, arXiv:1510.00149",
  },
  {
    name: "Deep Compression, LeNet-5",
    accuracy: 0.9926,
    bytes: 44_000,
    cleanSplit: null,
    note: "39× smaller: pruned, shared and Huffman-coded weights",
    source: "Han, Mao, Dally, Deep Compression, ICLR 2016, arXiv:1510.00149",
  },
  {
    name: "Bayesian Compression, LeNet-5",
    accuracy: 0.99,
    bytes: 2300,
    cleanSplit: null,
    note: "771× smaller, with its codebook; as quoted by MIRACLE",
    source:
      "Louizos, Ullrich, Welling, Bayesian Compression, NeurIPS 2017, arXiv:1705.08665",
  },
  {
    name: "MIRACLE, LeNet-5",
    accuracy: 0.9931,
    bytes: 3030,
    cleanSplit: null,
    note: "coded weights only",
    source:
      "Havasi, Peharz, Hernández-Lobato, Minimal Random Code Learning, ICLR 2019, arXiv:1810.00440",
  },
  {
    name: "MIRACLE, LeNet-5",
    accuracy: 0.9904,
    bytes: 1520,
    cleanSplit: null,
    note: "coded weights only",
    source:
      "Havasi, Peharz, Hernández-Lobato, Minimal Random Code Learning, ICLR 2019, arXiv:1810.00440",
  },
  {
    name: "Memory-optimal convolutions",
    accuracy: 0.9915,
    bytes: 1527,
    cleanSplit: true,
    note:
      "2,991 weights of 4 bits with the architecture, no entropy coding; 50k/10k/10k split",
    source:
      "Gural, Murmann, Memory-Optimal Direct Convolutions, ICML 2019, PMLR 97",
  },
  {
    name: "Fireball, LeNet-5",
    accuracy: 0.99,
    bytes: 5883,
    cleanSplit: null,
    note: "a whole file, arithmetic coding",
    source: "github.com/InterDigitalInc/Fireball, LeNet-5 on MNIST",
  },
  {
    name: "BitNetMCU",
    accuracy: 0.9906,
    bytes: 5400,
    cleanSplit: null,
    note: "weights; images of 16×16",
    source: "github.com/cpldcpu/BitNetMCU",
  },
  {
    name: "BitNetMCU, convolutional",
    accuracy: 0.9955,
    bytes: 11_000,
    cleanSplit: null,
    note: "weights; images of 16×16",
    source: "github.com/cpldcpu/BitNetMCU",
  },
];

/**
 * Those that may stand beside results on a dataset of these hashes: all on MNIST, none
 * elsewhere.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { listPublished } from "./published_points.ts";
 *
 * assertEquals(listPublished({ sha256: {} }), []);
 * ```
 */
export function listPublished(
  { sha256 }: { sha256: Record<string, string> },
): readonly PublishedPoint[] {
  return isMnist(sha256) ? PUBLISHED_POINTS : [];
}
