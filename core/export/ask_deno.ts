import { pathToFileURL } from "node:url";
import { product } from "../models/layers/layer.ts";
import { runInWorker } from "../workers/run_in_worker.ts";
import { classifierOf } from "./html.ts";
import type { ModuleTask } from "./ask_deno_worker.ts";
import type { RuntimeAnswer, RuntimeQuestion } from "./exporter.ts";
import { tinyClassifierOf } from "./tiny_page.ts";

/**
 * The logits of images by `source`, a module whose default export classifies one,
 * imported by Deno in a worker of its own.
 */
async function askModule(
  source: string,
  { images, input, classes, signal }: RuntimeQuestion,
): Promise<RuntimeAnswer> {
  const folder = await Deno.makeTempDir({ prefix: "retort-js-" });
  try {
    await Deno.writeTextFile(`${folder}/model.js`, source);
    const logits = await runInWorker<
      ModuleTask,
      never,
      Float32Array<ArrayBuffer>
    >(
      new URL("./ask_deno_worker.ts", import.meta.url),
      {
        url: pathToFileURL(`${folder}/model.js`).href,
        images,
        size: product(input),
        classes,
      },
      { signal },
    );
    return { runtime: `Deno ${Deno.version.deno}`, logits };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The logits of images by an ES module. */
export async function askDeno(
  question: RuntimeQuestion,
): Promise<RuntimeAnswer> {
  const script = question.files.find(({ name }) => name === "");
  // Its types lie elsewhere, and are not needed to run it.
  const source = String(script?.content).replace(/^\/\/ @ts-self-types=.*/, "");
  return await askModule(source, question);
}

/** The logits of images by the classifier of a page, without the page. */
export async function askPage(
  question: RuntimeQuestion,
): Promise<RuntimeAnswer> {
  const [{ content }] = question.files;
  const source = `${
    classifierOf(String(content))
  }\nexport { classify as default };\n`;
  return await askModule(source, question);
}

/** The logits of images by the classifier of a tiny page, without its canvas. */
export async function askTinyPage(
  question: RuntimeQuestion,
): Promise<RuntimeAnswer> {
  const [{ content }] = question.files;
  // Its names are declared nowhere, which a module's own code may not do.
  const body = JSON.stringify(tinyClassifierOf(String(content)));
  const source = `const read = new Function("pixels", ${body});
export default (pixels) => ({ logits: Float32Array.from(read(pixels)) });
`;
  return await askModule(source, question);
}
