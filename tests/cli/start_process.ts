import { fileURLToPath } from "node:url";
import { denoArguments, type Outcome } from "./capture.ts";

const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** A command line running in a process of its own. */
export interface Started {
  /** What it has printed so far. */
  stdout(): string;
  stderr(): string;
  kill(signal: Deno.Signal): void;
  /** Resolves once `holds` does; rejects where the process ends before. */
  until(holds: () => boolean): Promise<void>;
  /** What it has come to. */
  end(): Promise<Outcome>;
}

async function readAll(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  take: (text: string) => void,
): Promise<void> {
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    take(text);
  }
}

/** Starts a command line with `folder` as its working directory. */
export function startIn(folder: string, args: readonly string[]): Started {
  const [run, ...rest] = denoArguments("../../cli/main.ts", args);
  const child = new Deno.Command(Deno.execPath(), {
    args: [run, "--config", CONFIG, ...rest],
    cwd: folder,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const texts = { stdout: "", stderr: "" };
  const reading = Promise.all([
    readAll(child.stdout, (text) => texts.stdout += text),
    readAll(child.stderr, (text) => texts.stderr += text),
  ]);
  let ended = false;
  const status = child.status.finally(() => ended = true);
  return {
    stdout: () => texts.stdout,
    stderr: () => texts.stderr,
    kill: (signal) => child.kill(signal),
    async until(holds) {
      while (!holds()) {
        if (ended) throw new Error(`It ended before: ${texts.stderr}`);
        await new Promise((wake) => setTimeout(wake, 20));
      }
    },
    async end() {
      await reading;
      return { code: (await status).code, ...texts };
    },
  };
}
