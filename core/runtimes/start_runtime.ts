import { fileURLToPath } from "node:url";
import { cleanText } from "../text/clean_text.ts";
import { encodeText, type Frame, FrameReader, writeFrame } from "./frames.ts";
import type {
  RuntimeFile,
  RuntimeSetup,
  RuntimeTask,
  RuntimeWord,
} from "./serve_runtime.ts";

/** A runtime that is an npm package. */
export interface RuntimePackage {
  /** What it is called. */
  name: string;
  /** Its version, which its lock file has. */
  version: string;
  /** Its program beside this file, and the lock file of the same name. */
  program: "onnxruntime_web" | "litert" | "tfjs";
}

/** ONNX Runtime's package, and its program. */
export const ONNX_RUNTIME: RuntimePackage = {
  name: "onnxruntime-web",
  version: "1.30.0",
  program: "onnxruntime_web",
};

/** LiteRT's package, and its program. */
export const LITERT: RuntimePackage = {
  name: "LiteRT.js",
  version: "2.5.3",
  program: "litert",
};

/** Stock tfjs's packages, which read GraphModels, and their program. */
export const TFJS: RuntimePackage = {
  name: "tfjs",
  version: "4.22.0",
  program: "tfjs",
};

/** A runtime that has read a model, in a process of its own. */
export interface RuntimeProcess {
  /** Which runtime, and its version. */
  runtime: string;
  /** Images that it is best asked about at once: some batches, one behind the other. */
  atOnce: number;
  /**
   * Its numbers `[n, classes]` of images `[n, h, w, c]`, in their order. Asked for the next
   * before it has answered, it doesn't wait for them.
   */
  classify(images: Uint8Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>>;
  /** Ends the process, whatever it is at. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** How {@linkcode startRuntime} starts it. */
export interface StartOptions {
  files: readonly RuntimeFile[];
  task: RuntimeTask;
  /** How its errors begin: what can't be done. */
  failing: string;
  /** Ends it when aborted. */
  signal?: AbortSignal;
  /** Milliseconds that it may take to read the model, or to answer once. */
  patience?: number;
}

/** What a slow machine takes to fetch a package of 33 MB, or for 16 large pictures. */
const PATIENCE = 10 * 60_000;
/** Pixels that it is asked about at once, in as many images as they make, up to so many. */
const [MOST_PIXELS, MOST_IMAGES] = [2 ** 21, 128];
/** Batches that are sent at once, to be answered one by one. */
const QUEUED = 8;
/** Bytes that a word may have. */
const MOST_WORD = 2 ** 16;
/** Characters of its last words that are kept. */
const KEPT = 4096;
/** Of those, so many are told. */
const TOLD = 300;

/** What becomes of a model that its runtime can't read, or that answers otherwise than it says. */
const EXPORT_ANEW =
  "run the file there, outside of Retort, and export the model anew until it runs";

/** What Deno is told that runs a program of runtimes with the lock file of `lock`. */
export function packageFlags(lock: string): string[] {
  return [
    ...["run", "--no-check", "--no-prompt", "--no-config", "--frozen"],
    ...["--node-modules-dir=none", `--lock=${lock}`],
    ...["--allow-read", "--allow-env", "--allow-sys"],
  ];
}

/** What a stream has said last. */
async function keepLast(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<string> {
  let kept = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    kept = (kept + text).slice(-KEPT);
  }
  return kept;
}

/**
 * Starts an npm package that runs models, in a process of its own, and has it read one.
 * The package has a lock file of its own and comes into Deno's cache: it is fetched the
 * first time that it is asked, and by nothing else. Its process may read, but not write,
 * and has no network; it ends when its time is over.
 *
 * Absent where the package can't be fetched. Throws an `Error` where it refuses the
 * model, ends, or takes longer than `patience`, and so does what it answers.
 */
export async function startRuntime(
  { name, program }: RuntimePackage,
  { files, task, failing, signal, patience = PATIENCE }: StartOptions,
): Promise<RuntimeProcess | { absent: string }> {
  signal?.throwIfAborted();
  const here = new URL(".", import.meta.url);
  if (here.protocol !== "file:") {
    return { absent: `${name} is asked from a copy of Retort's files alone` };
  }
  const path = (file: string) => fileURLToPath(new URL(file, here));
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...packageFlags(path(`${program}.lock`)),
      path("run_watched.ts"),
      program,
    ],
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const frames = new FrameReader(child.stdout);
  const writer = child.stdin.getWriter();
  const lastWords = keepLast(child.stderr);
  const kill = () => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  };
  const fail = (rule: string, remedy: string): never => {
    throw new Error(`${failing}: ${name} must ${rule}; ${remedy}`);
  };

  /** The next frame, or why there is none, as an error. */
  const read = async (task: string, most: number): Promise<Frame> => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      kill();
    }, patience);
    let frame;
    try {
      frame = await frames.read(most);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      fail(`${task}: ${error.message}`, EXPORT_ANEW);
    } finally {
      clearTimeout(timer);
    }
    if (frame) return frame;
    kill();
    signal?.throwIfAborted();
    if (late) {
      fail(
        `${task} within ${patience / 1000} seconds: it hasn't`,
        "run it again when the machine does less, or take a smaller model",
      );
    }
    const { code, signal: killed } = await child.status;
    const trouble = (await lastWords).trim().split("\n")
      .findLast((line) => /error|memory/i.test(line)) ?? "it says no reason";
    return fail(
      `${task}: it has ended (${killed ?? code}): ${
        cleanText(trouble, { length: TOLD })
      }`,
      "give it more memory, or take a smaller model",
    );
  };
  const readWord = ({ content }: Frame): RuntimeWord =>
    JSON.parse(new TextDecoder().decode(content));

  const dispose = async () => {
    signal?.removeEventListener("abort", kill);
    kill();
    await writer.abort().catch(() => {});
    await frames.cancel().catch(() => {});
    await Promise.all([child.status, lastWords]);
  };
  signal?.addEventListener("abort", kill);
  try {
    const size = task.input.reduce((a, b) => a * b);
    const batch = Math.max(1, Math.min(MOST_IMAGES, MOST_PIXELS / size | 0));
    const setup: RuntimeSetup = {
      task,
      files: files.map(({ name }) => name),
      step: batch * size,
    };
    const introduce = async () => {
      await writeFrame(writer, "text", encodeText(setup));
      for (const { content } of files) {
        await writeFrame(writer, "bytes", content);
      }
    };
    // Where it ends before it has heard all, that is told where its word is missed.
    introduce().catch(() => {});
    const word = readWord(await read("read the model", MOST_WORD));
    if ("absent" in word) {
      await dispose();
      return { absent: `${name} can't be loaded: ${word.absent}` };
    }
    if ("error" in word) {
      return fail(
        `read it: ${cleanText(word.error, { length: TOLD })}`,
        EXPORT_ANEW,
      );
    }
    const receive = async (count: number) => {
      const answers = new Float32Array(count * task.classes);
      for (let first = 0; first < count; first += batch) {
        const wanted = Math.min(batch, count - first) * task.classes * 4;
        const { kind, content } = await read(
          "answer",
          Math.max(MOST_WORD, wanted),
        );
        if (kind === "text") {
          const said = readWord({ kind, content });
          const reason = "error" in said ? said.error : "it says no reason";
          fail(`answer: ${cleanText(reason, { length: TOLD })}`, EXPORT_ANEW);
        }
        if (content.length !== wanted) {
          fail(
            `give ${task.classes} numbers an image: it gives ${content.length} bytes where ${wanted} are asked for`,
            EXPORT_ANEW,
          );
        }
        answers.set(new Float32Array(content.buffer), first * task.classes);
      }
      return answers;
    };
    // What is asked while it is at other images is sent once no more than one other message
    // is unanswered, waits there, and is answered in turn.
    let sent = Promise.resolve();
    let [beforeLast, last]: Promise<unknown>[] = [sent, sent];
    const exchange = (content: Uint8Array<ArrayBuffer>) => {
      // Where it ends before it has heard all, that is told where its answer is missed.
      sent = Promise.all([sent, beforeLast])
        .then(() => writeFrame(writer, "bytes", content))
        .catch(() => {});
      const answers = last.then(() => receive(content.length / size));
      [beforeLast, last] = [last, answers.catch(() => {})];
      return answers;
    };
    const atOnce = QUEUED * batch;
    return {
      runtime: `${name} ${word.version}`,
      atOnce,
      async classify(images) {
        const parts = [];
        for (let at = 0; at < images.length; at += atOnce * size) {
          parts.push(exchange(images.subarray(at, at + atOnce * size)));
        }
        const answers = await Promise.all(parts);
        if (answers.length === 1) return answers[0];
        const all = new Float32Array(images.length / size * task.classes);
        answers.forEach((answer, i) =>
          all.set(answer, i * atOnce * task.classes)
        );
        return all;
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}
