import type { Command } from "./command.ts";

/** Where a command is found, without loading it. */
export interface CommandEntry {
  /** What it does, in one line. */
  summary: string;
  load: () => Promise<{ command: Command }>;
}

/** All commands by name, in the order in which --help lists them. */
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  sweep: {
    summary: "distil students of every size and report what each byte buys",
    load: () => import("./commands/sweep.ts"),
  },
  frontier: {
    summary: "find the smallest model of a study that reaches an accuracy",
    load: () => import("./commands/frontier.ts"),
  },
  report: {
    summary: "write the report of a study again",
    load: () => import("./commands/report.ts"),
  },
  train: {
    summary: "train a teacher",
    load: () => import("./commands/train.ts"),
  },
  distill: {
    summary: "distil one student from a teacher",
    load: () => import("./commands/distill.ts"),
  },
  compress: {
    summary: "prune, share and code a trained model into a .dram file",
    load: () => import("./commands/compress.ts"),
  },
  compact: {
    summary: "train one compact model and write it as a .dram file",
    load: () => import("./commands/compact.ts"),
  },
  search: {
    summary: "search compact models for the smallest file of each accuracy",
    load: () => import("./commands/search.ts"),
  },
  baselines: {
    summary: "set a .dram file beside the same weights in tfjs's own files",
    load: () => import("./commands/baselines.ts"),
  },
  evaluate: {
    summary: "score a model of any kind on real images",
    load: () => import("./commands/evaluate.ts"),
  },
  import: {
    summary: "write a model of another program as a model folder, proven",
    load: () => import("./commands/import.ts"),
  },
  export: {
    summary: "write a .dram file for another runtime, proven to answer alike",
    load: () => import("./commands/export.ts"),
  },
  dram: {
    summary: "say where the bytes of a .dram file go, or make a link of it",
    load: () => import("./commands/dram.ts"),
  },
  summary: {
    summary: "print a model's layers and what each costs",
    load: () => import("./commands/summary.ts"),
  },
  data: {
    summary:
      "show what is read of data: classes, counts, duplicates, a contact sheet",
    load: () => import("./commands/data.ts"),
  },
  web: {
    summary: "serve the site from its sources",
    load: () => import("./commands/web.ts"),
  },
  build: {
    summary: "build the site for a server",
    load: () => import("./commands/build.ts"),
  },
  site: {
    summary: "write what the web front end serves: models, charts, samples",
    load: () => import("./commands/site.ts"),
  },
  bench: {
    summary: "measure speed and memory beside tfjs, jax-js and PyTorch",
    load: () => import("./commands/bench.ts"),
  },
  doctor: {
    summary: "check the device, its backends and the data",
    load: () => import("./commands/doctor.ts"),
  },
};
