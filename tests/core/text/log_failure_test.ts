import { assertEquals, assertMatch } from "@std/assert";
import { openFailureLog } from "../../../core/text/log_failure.ts";

/** A log whose clock and lines the test holds. */
function hold() {
  const held = { lines: new Array<string>(), time: 0 };
  const log = openFailureLog({
    write: (line) => held.lines.push(line),
    now: () => held.time,
  });
  return { held, log };
}

Deno.test("a failure that comes again is counted for a minute, then logged with the count", () => {
  const { held, log } = hold();
  for (let time = 0; time < 60_000; time += 1000) {
    held.time = time;
    log("out of luck");
  }
  assertEquals(held.lines, ["out of luck"]);
  held.time = 60_000;
  log("out of luck");
  assertEquals(held.lines, [
    "out of luck",
    "This failure came 59 more times since it was logged:",
    "out of luck",
  ]);
  held.time = 200_000;
  log("out of luck");
  assertEquals(held.lines.slice(3), ["out of luck"]);
});

Deno.test("failures are told apart by where they were thrown, not by what was asked for", () => {
  const { held, log } = hold();
  const fail = (path: string) => log(new Error(`no ${path}`));
  for (const path of ["/a", "/b", "/c"]) fail(path);
  assertEquals(held.lines.length, 1);
  log(new Error("no /a")); // thrown elsewhere
  assertEquals(held.lines.length, 2);
  assertMatch(held.lines[0], /^Error: no \/a\n +at /);
});

Deno.test("of more than 64 kinds the rest is one kind", () => {
  const { held, log } = hold();
  for (let kind = 0; kind < 1000; kind++) log(`kind ${kind}`);
  assertEquals(held.lines.length, 64 + 1);
});

Deno.test("a failure is cleaned, and cut to 20 lines", () => {
  const { held, log } = hold();
  log(`\u001b[31m${"line\n".repeat(1000)}`);
  const lines = held.lines[0].split("\n");
  assertEquals([lines.length, lines[0]], [20, "\\u{1b}[31mline"]);
});
