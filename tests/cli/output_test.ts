import { assert, assertEquals, assertThrows } from "@std/assert";
import { coloursFor } from "../../cli/terminal/colours.ts";
import { ClosedOutputError } from "../../cli/terminal/errors.ts";
import {
  makeOutput,
  type Stream,
  writeText,
} from "../../cli/terminal/output.ts";
import { collect } from "./capture.ts";

/** A stream whose every write fails with `error`. */
function failing(error: Error): Stream {
  return {
    writeSync() {
      throw error;
    },
    isTerminal: () => false,
  };
}

Deno.test("output puts text on stdout and notes on stderr", () => {
  const streams = { stdout: collect(), stderr: collect() };
  const output = makeOutput(streams, false);
  output.print("row");
  output.note("using wasm");
  output.printJson({ row: 1 });
  assertEquals(streams.stdout.text(), "row\n");
  assertEquals(streams.stderr.text(), "using wasm\n");
});

Deno.test("output puts nothing but one JSON document on stdout under --json", () => {
  const streams = { stdout: collect(), stderr: collect() };
  const output = makeOutput(streams, true);
  output.print("row");
  output.printJson({ row: 1 });
  assertEquals(JSON.parse(streams.stdout.text()), { row: 1 });
  assertThrows(() => output.printJson({ row: 2 }), Error, "one document");
  assertEquals(JSON.parse(streams.stdout.text()), { row: 1 });
});

Deno.test("output tells a closed stdout from one that fails", () => {
  const stderr = collect();
  const print = (error: Error) => () =>
    makeOutput({ stdout: failing(error), stderr }, false).print("row");
  assertThrows(print(new Deno.errors.BrokenPipe()), ClosedOutputError);
  assertThrows(
    print(new Error("No space left on device")),
    Error,
    "Cannot write to standard output: No space left on device",
  );
});

Deno.test("output goes on when nobody reads its notes", () => {
  const stdout = collect();
  const stderr = failing(new Deno.errors.BrokenPipe());
  const output = makeOutput({ stdout, stderr }, false);
  output.note("using wasm");
  output.print("row");
  assertEquals(stdout.text(), "row\n");
});

Deno.test("writeText writes the whole where a stream takes a byte at a time", () => {
  const whole = collect();
  const slow: Stream = {
    writeSync: (bytes) => whole.writeSync(bytes.subarray(0, 1)),
    isTerminal: () => false,
  };
  writeText(slow, "ten bytes\n");
  assertEquals(whole.text(), "ten bytes\n");
});

Deno.test("output knows the width of its lines, and whether they have colours", () => {
  const on = (stdout: Stream) =>
    makeOutput({ stdout, stderr: collect() }, false).terminal;
  assertEquals(on(collect(false)), { columns: 80, colour: false });
  const { columns, colour } = on(collect(true));
  assert(columns > 0);
  assertEquals(colour, !Deno.noColor);
});

Deno.test("colours are for terminals alone", () => {
  assertEquals(coloursFor(collect(false)).green("ok"), "ok");
  assertEquals(
    coloursFor(collect(true)).green("ok"),
    Deno.noColor ? "ok" : "\x1b[32mok\x1b[39m",
  );
});

for (const noColour of ["", "1"]) {
  Deno.test(`colours on a terminal ${noColour ? "stop at" : "need no"} NO_COLOR`, async () => {
    const colours =
      new URL("../../cli/terminal/colours.ts", import.meta.url).href;
    const code = `import { coloursFor } from "${colours}";
      console.log(JSON.stringify(coloursFor({ isTerminal: () => true }).red("x")));`;
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", code],
      env: { NO_COLOR: noColour },
    }).output();
    const text = new TextDecoder().decode(stdout).trim();
    assertEquals(JSON.parse(text), noColour ? "x" : "\x1b[31mx\x1b[39m");
  });
}

Deno.test("print lets our own colours through to a terminal, and nothing else", () => {
  const [stdout, stderr] = [collect(true), collect(true)];
  const { print, note, terminal } = makeOutput({ stdout, stderr }, false);
  print(
    "\u001b[31mred\u001b[39m \u001b[2J\u001b]0;t\u0007\u009b2J\u202e\nnext",
  );
  note("\u001b[31mred\nretort: ok");
  const rest = " \\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{9b}2J\\u{202e}\nnext\n";
  assertEquals(
    stdout.text(),
    terminal.colour
      ? `\u001b[31mred\u001b[39m${rest}`
      : `\\u{1b}[31mred\\u{1b}[39m${rest}`,
  );
  assertEquals(stderr.text(), "\\u{1b}[31mred\\u{a}retort: ok\n");
});

Deno.test("printJson prints the same document without what a terminal obeys", () => {
  const value = { "\u009b": ["\u202e", "\u001b", "\u{e0001}", "é"] };
  const [stdout, stderr] = [collect(), collect()];
  makeOutput({ stdout, stderr }, true).printJson(value);
  assertEquals(/[^\n\P{C}]/u.test(stdout.text()), false);
  assertEquals(JSON.parse(stdout.text()), value);
});
