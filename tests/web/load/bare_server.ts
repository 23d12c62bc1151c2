/**
 * The least that serves the same bytes: recorded answers, held in memory. Its
 * argument is the folder that they were written to.
 *
 * @module
 */
import type { RecordedAnswer } from "./record_answer.ts";

const [folder] = Deno.args;
const index: Omit<RecordedAnswer, "body">[] = JSON.parse(
  await Deno.readTextFile(`${folder}/index.json`),
);
const answers = new Map(
  await Promise.all(index.map(async ({ path, headers }, position) => {
    const body = await Deno.readFile(`${folder}/${position}`);
    return [path, { body, init: { headers } }] as const;
  })),
);

export default {
  fetch(request: Request): Response {
    const { pathname } = new URL(request.url);
    const answer = answers.get(pathname);
    if (!answer) return new Response(null, { status: 404 });
    return new Response(answer.body, answer.init);
  },
} satisfies Deno.ServeDefaultExport;
