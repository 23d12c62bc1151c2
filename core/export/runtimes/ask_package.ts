import { fileURLToPath } from "node:url";
import type { RuntimeAnswer, RuntimeQuestion } from "../exporter.ts";
import type { RuntimeTask, RuntimeWord } from "./serve_runtime.ts";

/** A runtime that is an npm package. */
export interface RuntimePackage {
  /** What it is called. */
  name: string;
  /** Its program beside this file, and the lock file of the same name. */
  program: "onnxruntime_web" | "litert";
}

/**
 * What Deno is told that runs a program of runtimes with the lock file of `lock`, which
 * may write into `folder`.
 */
export function packageFlags(lock: string, folder: string): string[] {
  return [
    ...["run", "--no-check", "--no-prompt", "--no-config", "--frozen"],
    ...["--node-modules-dir=none", `--lock=${lock}`],
    ...["--allow-read", "--allow-env", "--allow-sys"],
    `--allow-write=${folder}`,
  ];
}

/**
 * The logits of images by a model of one file, run by an npm package in a process of its
 * own. The package has a lock file of its own and comes into Deno's cache: it is fetched
 * by who exports to its format, the first time, and by no other command. Its process may
 * read, and write into one temporary folder, but has no network.
 *
 * Absent where the package can't be fetched. Throws an `Error` where it refuses the model.
 */
export async function askPackage(
  { name, program }: RuntimePackage,
  { files: [{ content }], input, classes, images, pixels, signal }:
    RuntimeQuestion,
): Promise<RuntimeAnswer> {
  if (typeof content === "string") {
    throw new TypeError(
      `Cannot ask ${name}: a model must be bytes: it is text`,
    );
  }
  const here = new URL(".", import.meta.url);
  if (here.protocol !== "file:") {
    return { absent: `${name} is asked from a copy of Retort's files alone` };
  }
  const path = (file: string) => fileURLToPath(new URL(file, here));
  const folder = await Deno.makeTempDir({ prefix: "retort-export-" });
  try {
    await Deno.writeFile(`${folder}/model`, content);
    await Deno.writeFile(`${folder}/images`, images);
    const task: RuntimeTask = { input: [...input], classes, pixels };
    const { success, stdout, stderr } = await new Deno.Command(
      Deno.execPath(),
      {
        args: [
          ...packageFlags(path(`${program}.lock`), folder),
          ...[path(`${program}.ts`), folder, JSON.stringify(task)],
        ],
        env: { NO_COLOR: "1" },
        signal,
      },
    ).output();
    signal?.throwIfAborted();
    const decoder = new TextDecoder();
    const trouble = decoder.decode(stderr).trim().split("\n")
      .find((line) => /error/i.test(line)) ?? "it says no reason";
    if (!success) {
      throw new Error(
        `Cannot prove the model by ${name}: it must read it: ${trouble}`,
      );
    }
    const last = decoder.decode(stdout).trim().split("\n").at(-1) ?? "";
    const word: RuntimeWord = JSON.parse(last);
    if ("absent" in word) {
      return { absent: `${name} can't be loaded: ${word.absent}` };
    }
    const logits = await Deno.readFile(`${folder}/logits`);
    return {
      runtime: `${name} ${word.version}`,
      logits: new Float32Array(logits.buffer),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
