import { postToMain } from "../workers/post_to_main.ts";
import { encodeText, type FramePart, packFrame } from "./frames.ts";

/** What a runtime is told of a model and of the images that it gets. */
export interface RuntimeTask {
  /** Extents of an image: height, width, channels. */
  input: readonly [number, number, number];
  /** Numbers that it gives of an image. */
  classes: number;
  /** What it was made to read: (pixel · scale − mean) / deviation of pixels from 0 to 1. */
  pixels?: { scale: number; mean: number[]; deviation: number[] };
  /** Whether it reads the last channel first. */
  bgr?: boolean;
  /** The output to give, by its name; the first unless given. */
  output?: string;
}

/** One of a model's files. */
export interface RuntimeFile {
  /** What the others call it. */
  name: string;
  /** All of it. */
  content: Uint8Array<ArrayBuffer>;
}

/** What a runtime's process is told first, before the files' own bytes. */
export interface RuntimeSetup {
  task: RuntimeTask;
  /** Names of the model's files, in the order in which they follow. */
  files: string[];
  /** Bytes of the images that it is asked about at once: a message may hold more. */
  step: number;
}

/** A runtime that has read a model. */
export interface OpenRuntime {
  version: string;
  /** Its numbers of some images, `[n, classes]`. */
  classify(images: Uint8Array<ArrayBuffer>): Promise<Float32Array>;
}

/** What the process says in words. */
export type RuntimeWord =
  | { version: string }
  | { absent: string }
  | { error: string };

/** A runtime that is a package. */
export interface Runtime<Package = unknown> {
  /** Gets the package, which may not be there. */
  load(): Promise<Package>;
  /** Has it read a model, whose first file is the one that names the others. */
  open(
    loaded: Package,
    files: readonly RuntimeFile[],
    task: RuntimeTask,
  ): Promise<OpenRuntime>;
}

/** What the main thread has read: a model; then images, and null where there are no more. */
export type FromInput =
  | { kind: "model"; task: RuntimeTask; files: RuntimeFile[] }
  | { kind: "images"; part: FramePart }
  | null;

/**
 * Milliseconds after which answers are written, and not held back for the next of the same
 * message: who is woken to read one may take this thread's core for as long as a small
 * model's run.
 */
const HELD = 100;

/** Gives what the main thread has read, in its order: what comes meanwhile waits. */
function listen(): () => Promise<FromInput> {
  const waiting: FromInput[] = [];
  let wake = () => {};
  addEventListener("message", (event) => {
    if (!(event instanceof MessageEvent)) return;
    waiting.push(event.data);
    wake();
  });
  return async () => {
    for (;;) {
      const read = waiting.shift();
      if (read !== undefined) return read;
      await new Promise<void>((resolve) => wake = resolve);
    }
  };
}

/** Writes frames in one piece, and waits for no turn of the event loop. */
function writeOut(frames: readonly Uint8Array<ArrayBuffer>[]): void {
  const bytes = new Uint8Array(
    frames.reduce((sum, { length }) => sum + length, 0),
  );
  let end = 0;
  for (const frame of frames) {
    bytes.set(frame, end);
    end += frame.length;
  }
  for (let done = 0; done < bytes.length;) {
    done += Deno.stdout.writeSync(bytes.subarray(done));
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * A runtime's program, in a worker of run_watched.ts, which reads standard input for it:
 * gets a model, then batch after batch of images, and writes the numbers of each. It ends
 * with its input; what it can't do it says in a word.
 */
export async function serveRuntime<Package>(
  { load, open }: Runtime<Package>,
): Promise<void> {
  // Standard output is for frames: whatever a package prints goes beside it.
  console.log = console.info = console.debug = console.error;
  const next = listen();
  const say = (word: RuntimeWord) =>
    writeOut([packFrame("text", encodeText(word))]);
  try {
    const model = await next();
    if (model?.kind !== "model") return; // Who started it has ended.
    let loaded;
    try {
      loaded = await load();
    } catch (error) {
      return say({ absent: reasonOf(error).split("\n")[0] });
    }
    const { version, classify } = await open(loaded, model.files, model.task);
    say({ version });
    let answers: Uint8Array<ArrayBuffer>[] = [];
    let since = 0;
    for (;;) {
      const asked = await next();
      if (asked?.kind !== "images") break;
      if (answers.length === 0) since = performance.now();
      const { content, isLast } = asked.part;
      const { buffer, byteOffset, byteLength } = await classify(content);
      answers.push(
        packFrame("bytes", new Uint8Array(buffer, byteOffset, byteLength)),
      );
      // Its memory is what the next are read to: fresh pages would cost as much as copying.
      content.buffer.transfer(0);
      if (!isLast && performance.now() - since < HELD) continue;
      writeOut(answers);
      answers = [];
    }
  } catch (error) {
    say({ error: reasonOf(error) });
  } finally {
    postToMain(null); // see run_watched.ts
  }
}
