import { assertEquals, assertStringIncludes } from "@std/assert";
import { denoArguments } from "./capture.ts";

const ignore = Deno.build.os === "windows";

/** A command of interrupt_fixture.ts, started and ready. */
class Running {
  readonly #child: Deno.ChildProcess;
  readonly #reader: ReadableStreamDefaultReader<string>;
  text = "";

  constructor(command: string) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: denoArguments("interrupt_fixture.ts", [command]),
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#reader = this.#child.stderr.pipeThrough(new TextDecoderStream())
      .getReader();
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Reads until `text` has been said. */
  async hear(text: string): Promise<void> {
    while (!this.text.includes(text)) {
      const { value, done } = await this.#reader.read();
      if (done) throw new Error(`Not heard: ${text}; but ${this.text}`);
      this.text += value;
    }
  }

  /** The exit code, once all has been read. */
  async end(): Promise<number> {
    for (;;) {
      const { value, done } = await this.#reader.read();
      if (done) break;
      this.text += value;
    }
    return (await this.#child.status).code;
  }
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((wake) => setTimeout(wake, milliseconds));
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test({
    name: `the first ${signal} lets a command save, and it exits with 130`,
    ignore,
    async fn() {
      const running = new Running("save");
      await running.hear("ready\n");
      running.kill(signal);
      assertEquals(await running.end(), 130);
      const [, told, saved, rest] = running.text.split("\n");
      assertStringIncludes(told, "saving what is done");
      assertStringIncludes(told, "again to stop at once");
      assertEquals([saved, rest], ["saved", ""]);
    },
  });
}

Deno.test({
  name: "a second interrupt stops a command at once, with 130",
  ignore,
  async fn() {
    const running = new Running("hang");
    await running.hear("ready\n");
    running.kill("SIGINT");
    await running.hear("again to stop at once\n");
    // deno task passes a Ctrl-C on a second time: that is no second one.
    running.kill("SIGINT");
    await wait(600);
    running.kill("SIGINT");
    assertEquals(await running.end(), 130);
    assertEquals(running.text.split("\n").length, 4);
    assertStringIncludes(running.text, "stopped at once");
  },
});

Deno.test({
  name: "one press, passed on twice, doesn't keep a command from saving",
  ignore,
  async fn() {
    const running = new Running("save");
    await running.hear("ready\n");
    running.kill("SIGINT");
    running.kill("SIGINT");
    assertEquals(await running.end(), 130);
    assertStringIncludes(running.text, "saved\n");
  },
});

Deno.test({
  name: "the first interrupt stops a command that has nothing to save",
  ignore,
  async fn() {
    const running = new Running("quick");
    await running.hear("ready\n");
    running.kill("SIGINT");
    assertEquals(await running.end(), 130);
    assertEquals(running.text, "ready\nretort: interrupted\n");
  },
});
