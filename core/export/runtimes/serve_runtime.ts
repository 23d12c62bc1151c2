/** What a runtime's program is told, beside the files in its folder. */
export interface RuntimeTask {
  /** Extents of an image: height, width, channels. */
  input: [number, number, number];
  classes: number;
  /** What it was made to read: (pixel · scale − mean) / deviation of pixels from 0 to 1. */
  pixels?: { scale: number; mean: number[]; deviation: number[] };
}

/** A runtime that has read a model. */
export interface OpenRuntime {
  version: string;
  /** Logits of some images. */
  classify(images: Uint8Array<ArrayBuffer>): Promise<ArrayLike<number>>;
}

/** What the program says, in one line of JSON. */
export type RuntimeWord = { version: string } | { absent: string };

/** Images at once. */
const BATCH = 250;

/** A runtime that is a package. */
export interface Runtime<Package = unknown> {
  /** Gets the package, which may not be there. */
  load(): Promise<Package>;
  /** Has it read a model. */
  open(
    loaded: Package,
    model: Uint8Array<ArrayBuffer>,
    task: RuntimeTask,
  ): Promise<OpenRuntime>;
}

/** What `open` says of the images in `folder`, which it answers by a file `logits` there. */
export async function answerFolder(
  folder: string,
  { input, classes }: RuntimeTask,
  { classify }: OpenRuntime,
): Promise<void> {
  const images = await Deno.readFile(`${folder}/images`);
  const size = input.reduce((a, b) => a * b);
  const logits = new Float32Array(images.length / size * classes);
  for (let first = 0; first < images.length; first += BATCH * size) {
    const part = images.slice(first, first + BATCH * size);
    logits.set(await classify(part), first / size * classes);
  }
  await Deno.writeFile(`${folder}/logits`, new Uint8Array(logits.buffer));
}

/**
 * A runtime's program: reads `model` and `images` in the folder that its first argument
 * names, and writes `logits`.
 */
export async function serveRuntime<Package>(
  { load, open }: Runtime<Package>,
): Promise<void> {
  const say = (word: RuntimeWord) => console.log(JSON.stringify(word));
  const [folder, text] = Deno.args;
  const task: RuntimeTask = JSON.parse(text);
  let loaded;
  try {
    loaded = await load();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return say({ absent: reason.split("\n")[0] });
  }
  const model = await Deno.readFile(`${folder}/model`);
  const opened = await open(loaded, model, task);
  await answerFolder(folder, task, opened);
  say({ version: opened.version });
}
