import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { defineCommand } from "../../cli/command.ts";
import { COMMANDS } from "../../cli/commands.ts";
import { InterruptedError, UsageError } from "../../cli/terminal/errors.ts";
import { denoArguments, runInProcess, runProcess } from "./capture.ts";

/** A command that ends by throwing `error`, after printing a row. */
function throwing(error: unknown) {
  const command = defineCommand({
    name: "fail",
    about: "Fails.",
    examples: [],
    options: {},
    run(_values, io) {
      io.print("row");
      return Promise.reject(error);
    },
  });
  const load = () => Promise.resolve({ command });
  return { fail: { summary: "fail", load } };
}

Deno.test("main lists every command under --help", async () => {
  const { code, stdout, stderr } = await runInProcess(["--help"]);
  assertEquals([code, stderr], [0, ""]);
  for (const [name, { summary }] of Object.entries(COMMANDS)) {
    assertStringIncludes(stdout, name);
    assertStringIncludes(stdout, summary);
  }
});

Deno.test("main runs each command's --help, with its examples", async () => {
  for (const [name, { load }] of Object.entries(COMMANDS)) {
    const { code, stdout } = await runInProcess([name, "--help"]);
    assertEquals([code, (await load()).command.name], [0, name]);
    assertStringIncludes(stdout, `Usage: deno task ${name}`);
    assertStringIncludes(stdout, `\n  deno task ${name}`);
    for (const flag of ["--json", "--seed N", "--backend", "--verbose"]) {
      assertStringIncludes(stdout, flag);
    }
  }
});

Deno.test("main returns 2 for no command and for an unknown one, naming the nearest", async () => {
  const none = await runInProcess([]);
  assertEquals([none.code, none.stdout], [2, ""]);
  assertStringIncludes(none.stderr, "Cannot run without a command");
  const unknown = await runInProcess(["sumary"]);
  assertEquals(unknown, {
    code: 2,
    stdout: "",
    stderr:
      "retort: Cannot run sumary: there is no such command; the nearest is summary\n",
  });
  const inherited = await runInProcess(["constructor"]);
  assertEquals(inherited.code, 2);
});

const CODES: [what: string, error: unknown, code: number, stderr: string][] = [
  ["a failure", new Error("Cannot go on"), 1, "retort: Cannot go on\n"],
  [
    "wrong usage",
    new UsageError("Cannot use it"),
    2,
    "retort: Cannot use it\n",
  ],
  ["an interrupt", new InterruptedError(), 130, ""],
];
for (const [what, error, code, stderr] of CODES) {
  Deno.test(`main returns ${code} for ${what}, with one line at the most`, async () => {
    const outcome = await runInProcess(["fail"], throwing(error));
    assertEquals(outcome, { code, stdout: "row\n", stderr });
  });
}

Deno.test("main adds where an error came from under --verbose", async () => {
  const error = new Error("Cannot go on", { cause: new Error("the root") });
  const { stderr } = await runInProcess(["fail", "--verbose"], throwing(error));
  assertStringIncludes(stderr, "main_test.ts");
  assertStringIncludes(stderr, "the root");
});

Deno.test("main prints no text under --json when a command fails", async () => {
  const { stdout } = await runInProcess(
    ["fail", "--json"],
    throwing(new Error("Cannot go on")),
  );
  assertEquals(stdout, "");
});

Deno.test("a process prints wrong usage on stderr alone, and exits with 2", async () => {
  const outcome = await runProcess(["summary", "--hidden", "0"]);
  assertEquals(outcome, {
    code: 2,
    stdout: "",
    stderr:
      "retort: Cannot use --hidden 0: it must be an integer from 1 to 65536\n",
  });
});

Deno.test("a process prints one JSON document on stdout, whatever libraries log", async () => {
  const program = "log_fixture.ts";
  const { code, stdout, stderr } = await runProcess([], { program });
  assertEquals([code, JSON.parse(stdout)], [0, { answer: 42 }]);
  assertStringIncludes(stderr, "a library's greeting");
});

Deno.test("a process says one line of an error that nobody awaited, and exits with 1", async () => {
  const program = "log_fixture.ts";
  const outcome = await runProcess(["--reject"], { program });
  assertEquals(outcome.code, 1);
  assertEquals(
    outcome.stderr.split("\n").filter((line) => line.startsWith("retort:")),
    ["retort: Cannot reach the device"],
  );
  assert(!outcome.stderr.includes("    at "));
});

Deno.test({
  name: "a process ends quietly when nobody reads its output any more",
  ignore: Deno.build.os === "windows",
  async fn() {
    const child = new Deno.Command(Deno.execPath(), {
      args: denoArguments("../../cli/main.ts", ["summary"]),
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    await child.stdout.cancel();
    const { code } = await child.status;
    const errors = await new Response(child.stderr).text();
    assertEquals([code, errors], [0, ""]);
  },
});

Deno.test({
  name:
    "a process says so where its output can't be written (Linux: /dev/full)",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const args = denoArguments("../../cli/main.ts", ["summary"]);
    const { code, stderr } = await new Deno.Command("sh", {
      args: ["-c", `exec "$0" "$@" > /dev/full`, Deno.execPath(), ...args],
    }).output();
    assertEquals(code, 1);
    assertEquals(
      new TextDecoder().decode(stderr),
      "retort: Cannot write to standard output: No space left on device (os error 28); send it elsewhere\n",
    );
  },
});
