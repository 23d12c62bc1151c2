import { fileURLToPath } from "node:url";
import { answerByTfjs } from "../../../core/export/answer_by_tfjs.ts";
import { EXPORTERS } from "../../../core/export/exporters.ts";
import type {
  ExportFormat,
  RuntimeQuestion,
} from "../../../core/export/exporter.ts";
import { packageFlags } from "../../../core/runtimes/start_runtime.ts";

/** Logits of the images of each question. */
type Answers = Float32Array<ArrayBuffer>[];

const RUNTIMES = new URL("../../../core/runtimes/", import.meta.url);

/** Runs `program` to its end; throws with what it says where it fails. */
async function run(
  program: string,
  args: string[],
  cwd: string,
): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd,
    env: { NO_COLOR: "1" },
  }).output();
  const said = new TextDecoder().decode(stderr) +
    new TextDecoder().decode(stdout);
  if (!success || said.includes("warning")) throw new Error(said);
}

/** One process for all questions: an npm package takes longer to start than to answer. */
async function askPackage(
  program: string,
  questions: readonly RuntimeQuestion[],
  folder: string,
): Promise<void> {
  const path = (file: string) => fileURLToPath(new URL(file, RUNTIMES));
  for (const [index, { files: [{ content }] }] of questions.entries()) {
    if (typeof content === "string") throw new TypeError("models are bytes");
    await Deno.writeFile(`${folder}/${index}/model`, content);
  }
  const tasks = questions.map(({ input, classes }) => ({ input, classes }));
  await run(Deno.execPath(), [
    ...packageFlags(path(`${program}.lock`)),
    `--allow-write=${folder}`,
    fileURLToPath(new URL("ask_many.ts", import.meta.url)),
    ...[new URL(`${program}.ts`, RUNTIMES).href, folder, JSON.stringify(tasks)],
  ], folder);
}

/** One program of all headers, each in a unit of its own. */
async function askCompiler(
  questions: readonly RuntimeQuestion[],
  folder: string,
): Promise<void> {
  const names = [...questions.keys()];
  for (const [index, { files: [{ content }] }] of questions.entries()) {
    await Deno.writeTextFile(`${folder}/model${index}.h`, String(content));
    await Deno.writeTextFile(
      `${folder}/unit${index}.c`,
      `#include <stdio.h>
#include "model${index}.h"
int ask${index}(void);
int ask${index}(void) {
  static uint8_t pixels[RETORT_HEIGHT * RETORT_WIDTH * RETORT_CHANNELS];
  float logits[RETORT_CLASSES];
  FILE *from = fopen("${index}/images", "rb"), *to = fopen("${index}/logits", "wb");
  while (fread(pixels, sizeof pixels, 1, from) == 1) {
    classify(pixels, logits);
    if (!retort_label(0) || !fwrite(logits, sizeof logits, 1, to)) return 1;
  }
  return fclose(from) + fclose(to);
}
`,
    );
  }
  await Deno.writeTextFile(
    `${folder}/main.c`,
    `${names.map((index) => `int ask${index}(void);`).join("\n")}
int main(void) {
  return ${names.map((index) => `ask${index}()`).join(" + ")};
}
`,
  );
  await run("cc", [
    ...["-std=c99", "-Wall", "-Wextra", "-pedantic", "-O1", "main.c"],
    ...[...names.map((index) => `unit${index}.c`), "-o", "ask"],
  ], folder);
  await run(`${folder}/ask`, [], folder);
}

/** The runtimes of these formats are asked of all questions at once. */
const TOGETHER: {
  readonly [Format in ExportFormat]?: (
    questions: readonly RuntimeQuestion[],
    folder: string,
  ) => Promise<void>;
} = {
  onnx: (questions, folder) => askPackage("onnxruntime_web", questions, folder),
  tflite: (questions, folder) => askPackage("litert", questions, folder),
  c: askCompiler,
};

/** What the runtime of `format`, which is at hand, says of each of many models. */
export async function askRuntime(
  format: ExportFormat,
  questions: readonly RuntimeQuestion[],
): Promise<Answers> {
  const together = TOGETHER[format];
  if (!together) {
    const answers: Answers = [];
    for (const question of questions) {
      const { files, images } = question;
      if (format === "tfjs") {
        const [{ content: data }, { content: json }] = files;
        if (typeof data === "string") throw new TypeError("weights are bytes");
        const task = { json: String(json), data, images };
        answers.push((await answerByTfjs(task)).logits);
        continue;
      }
      const answer = await EXPORTERS[format].ask(question);
      if ("absent" in answer) throw new Error(answer.absent);
      answers.push(answer.logits);
    }
    return answers;
  }
  const folder = await Deno.makeTempDir();
  try {
    for (const [index, { images }] of questions.entries()) {
      await Deno.mkdir(`${folder}/${index}`);
      await Deno.writeFile(`${folder}/${index}/images`, images);
    }
    await together(questions, folder);
    return await Promise.all(questions.map(async (_, index) => {
      const { buffer } = await Deno.readFile(`${folder}/${index}/logits`);
      return new Float32Array(buffer);
    }));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
