/**
 * Builds the app in the folder that it is given, or asks what was built there for
 * some paths and prints the answers as JSON; run as a process of its own.
 *
 * @module
 */
import { Builder } from "fresh/dev";
import { toFileUrl } from "@std/path";

const [work, root, ...paths] = Deno.args;

if (work === "build") {
  await new Builder({ root }).build();
} else {
  const server = toFileUrl(`${root}/_fresh/server.js`);
  const { default: { fetch } } = await import(server.href);
  const answers = [];
  for (const path of paths) {
    const response: Response = await fetch(
      new Request(`http://localhost${path}`),
    );
    answers.push([response.status, await response.text()]);
  }
  console.log(JSON.stringify(answers));
}
