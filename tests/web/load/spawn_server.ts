/** A server in a process of its own. */
export interface SpawnedServer extends AsyncDisposable {
  /** As in "http://127.0.0.1:8000". */
  origin: string;
  /** Memory that its process holds now: its resident set, in bytes. */
  readMemory(): Promise<number>;
}

/**
 * Runs `deno serve` on a free port of this machine, with leave to listen there
 * and to read one folder; `rest` is the module and its arguments.
 */
export async function spawnServer(
  folder: string,
  ...rest: string[]
): Promise<SpawnedServer> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["serve", "--no-prompt", "--no-config", `--allow-read=${folder}`],
      ...["--allow-net=127.0.0.1", "--host=127.0.0.1", "--port=0", ...rest],
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  let origin: string | undefined;
  while (origin === undefined) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`Cannot start the server: it said:\n${said}`);
    said += value;
    origin = /Listening on (http:\S+?)\/?\s/.exec(said)?.[1];
  }
  return {
    origin,
    async readMemory() {
      const status = await Deno.readTextFile(`/proc/${child.pid}/status`);
      return 1024 * Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1]);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await reader.cancel();
      await child.status;
    },
  };
}
