import { recordAnswer } from "./record_answer.ts";

/** Records what a server answers for some paths, for the bare server to give. */
export async function writeAnswers(
  origin: string,
  paths: readonly string[],
  folder: string,
): Promise<void> {
  const index = [];
  for (const [position, path] of paths.entries()) {
    const { body, ...rest } = await recordAnswer(origin, path);
    await Deno.writeFile(`${folder}/${position}`, body);
    index.push(rest);
  }
  await Deno.writeTextFile(`${folder}/index.json`, JSON.stringify(index));
}
