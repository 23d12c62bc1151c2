/** What a runtime's program is told, beside the files in its folder. */
export interface RuntimeTask {
  /** Extents of an image: height, width, channels. */
  input: [number, number, number];
  classes: number;
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

/**
 * A runtime's program: reads `model` and `images` in the folder that its first argument
 * names, and writes `logits`. `load` gets the package, which may not be there; `open` has
 * it read the model.
 */
export async function serveRuntime<Package>(
  load: () => Promise<Package>,
  open: (
    runtime: Package,
    model: Uint8Array<ArrayBuffer>,
    task: RuntimeTask,
  ) => Promise<OpenRuntime>,
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
  const { version, classify } = await open(loaded, model, task);
  const images = await Deno.readFile(`${folder}/images`);
  const size = task.input.reduce((a, b) => a * b);
  const logits = new Float32Array(images.length / size * task.classes);
  for (let first = 0; first < images.length; first += BATCH * size) {
    const part = images.slice(first, first + BATCH * size);
    logits.set(await classify(part), first / size * task.classes);
  }
  await Deno.writeFile(`${folder}/logits`, new Uint8Array(logits.buffer));
  say({ version });
}
