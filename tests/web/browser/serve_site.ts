import { buildSite } from "./build_site.ts";

/** The built site, served. */
export interface ServedSite {
  /** As in "http://127.0.0.1:8000". */
  origin: string;
  /** Ends the server. */
  stop(): Promise<void>;
}

/**
 * Runs "$@" in the shell's place, and ends it when standard input does: when the
 * process that holds its other end is killed. Where that ends of itself, Deno kills
 * its child, which so must be the server and not a shell before it.
 */
const WHILE_HELD = 'exec 3<&0; (cat <&3; kill $$) & exec "$@" 3<&-';

/** The address that the server announces on its standard error. */
async function readOrigin(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<string> {
  const decoder = new TextDecoder();
  let said = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) {
      throw new Error(`Cannot serve the site: the server said:\n${said}`);
    }
    said += decoder.decode(value, { stream: true });
    const address = said.match(/Listening on (http:\S+?)\/?\s/)?.[1];
    if (address !== undefined) return address;
  }
}

/**
 * Serves the site, built anew if a source changed, on a free port of this machine
 * as an edge host does: it may listen and read its own folder, nothing else.
 */
export async function serveSite(): Promise<ServedSite> {
  const folder = await buildSite();
  const child = new Deno.Command("sh", {
    args: [
      ...["-c", WHILE_HELD, "sh", Deno.execPath(), "serve"],
      ...["--no-prompt", "--no-config", `--allow-read=${folder}`],
      ...["--allow-net=127.0.0.1", "--host=127.0.0.1", "--port=0"],
      `${folder}/server.js`,
    ],
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const stderr = child.stderr.getReader();
  const origin = await readOrigin(stderr);
  return {
    origin,
    async stop() {
      await child.stdin.close();
      await stderr.cancel();
      await child.status;
    },
  };
}
