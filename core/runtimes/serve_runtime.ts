import { postToMain } from "../workers/post_to_main.ts";
import { FrameReader, writeFrame, writeText } from "./frames.ts";

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

/** Bytes that a message to the process may have: a file's, or a batch's. */
const MOST_BYTES = 2 ** 32 - 1;

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * A runtime's program: reads a setup and the model's files from standard input, then
 * batch after batch of images, and writes the numbers of each. It ends with its input;
 * what it can't do it says in a word.
 */
export async function serveRuntime<Package>(
  { load, open }: Runtime<Package>,
): Promise<void> {
  // Standard output is for frames: whatever a package prints goes beside it.
  console.log = console.info = console.debug = console.error;
  const frames = new FrameReader(Deno.stdin.readable);
  const writer = Deno.stdout.writable.getWriter();
  const say = (word: RuntimeWord) => writeText(writer, word);
  const next = async () => (await frames.read(MOST_BYTES))?.content;
  try {
    const setup: RuntimeSetup = JSON.parse(
      new TextDecoder().decode(await next()),
    );
    const files: RuntimeFile[] = [];
    for (const name of setup.files) {
      const content = await next();
      if (!content) return; // Who started it has ended.
      files.push({ name, content });
    }
    let loaded;
    try {
      loaded = await load();
    } catch (error) {
      return await say({ absent: reasonOf(error).split("\n")[0] });
    }
    const { version, classify } = await open(loaded, files, setup.task);
    await say({ version });
    // The next images come while it is at these.
    let coming = next();
    for (;;) {
      const images = await coming;
      if (!images) break;
      coming = next();
      const { buffer, byteOffset, byteLength } = await classify(images);
      await writeFrame(
        writer,
        "bytes",
        new Uint8Array(buffer, byteOffset, byteLength),
      );
    }
  } catch (error) {
    await say({ error: reasonOf(error) });
  } finally {
    await writer.close();
    postToMain(null); // see run_watched.ts
  }
}
