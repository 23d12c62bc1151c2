import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../cli/commands.ts";
import { alignColumns, helpText } from "../../cli/terminal/help_text.ts";
import { runInProcess } from "./capture.ts";

Deno.test("alignColumns wraps the second column under itself", () => {
  const word = "words ".repeat(13).trim();
  assertEquals(alignColumns([["--a", "short"], ["--long N", word]], 80), [
    "  --a       short",
    `  --long N  ${"words ".repeat(11).trim()}`,
    "            words words",
  ]);
});

Deno.test("helpText tells rules and defaults in brackets", () => {
  const text = helpText({
    name: "greet",
    about: "Greets.",
    examples: ["greet you"],
    positional: { whom: { kind: "string", required: true, help: "a name" } },
    options: {
      times: { kind: "integer", min: 1, default: 2, help: "how often" },
      outDir: { kind: "string", usual: "here", help: "where to" },
      loud: { kind: "boolean", help: "shout" },
    },
  });
  assertStringIncludes(
    text,
    "Usage: deno task greet WHOM [options]\n\nGreets.",
  );
  assertStringIncludes(text, "\n  WHOM            a name\n");
  assertStringIncludes(
    text,
    "  --times N       how often (an integer at least 1; default 2)\n",
  );
  assertStringIncludes(text, "  --out-dir TEXT  where to (default here)\n");
  assertStringIncludes(text, "  --loud          shout\n");
});

Deno.test("every command's help fits 80 columns, and tells every option's default", async () => {
  for (const name of Object.keys(COMMANDS)) {
    const { stdout } = await runInProcess([name, "--help"]);
    for (const line of stdout.split("\n")) {
      assert([...line].length <= 80, `${name}: ${line}`);
    }
  }
  const { stdout } = await runInProcess(["train", "--help"]);
  assertStringIncludes(
    stdout.replaceAll(/\n +/g, " "),
    "images a step (an integer from 1 to 60000; default 128)",
  );
});
