/** A server in a process of its own. */
export interface SpawnedServer extends AsyncDisposable {
  /** As in "http://127.0.0.1:8000". */
  origin: string;
  /** Memory that its process holds now: its resident set, in bytes. */
  readMemory(): Promise<number>;
  /** Lines that it has written to standard error since it listens. */
  logged: string[];
}

/** The built site's own listener, or `deno serve` with a module and its arguments. */
type Program = ["listen.js"] | ["serve", string, ...string[]];

/**
 * Runs a server on a free port of this machine, with leave to listen there and to
 * read one folder.
 */
export async function spawnServer(
  folder: string,
  ...[program, ...rest]: Program
): Promise<SpawnedServer> {
  const leave = ["--no-prompt", "--no-config", `--allow-read=${folder}`];
  leave.push("--allow-net=127.0.0.1");
  const place = ["--host=127.0.0.1", "--port=0"];
  const child = new Deno.Command(Deno.execPath(), {
    args: program === "serve"
      ? ["serve", ...leave, ...place, ...rest]
      : ["run", ...leave, `${folder}/${program}`, ...place],
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
  const logged: string[] = [];
  (async () => {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      logged.push(...value.split("\n").filter((line) => line !== ""));
    }
  })();
  return {
    origin,
    logged,
    async readMemory() {
      const status = await Deno.readTextFile(`/proc/${child.pid}/status`);
      return 1024 * Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1]);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}
