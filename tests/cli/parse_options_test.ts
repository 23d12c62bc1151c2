import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../cli/terminal/errors.ts";
import { parseOptions } from "../../cli/options/parse_options.ts";

const OPTIONS = {
  hidden: { kind: "integer", min: 1, max: 65_536, default: 6, help: "units" },
  widths: {
    kind: "integers",
    min: 1,
    max: 100,
    default: [1, 2],
    help: "units",
  },
  dropout: { kind: "number", min: 0, below: 1, help: "rate" },
  rates: { kind: "numbers", above: 0, help: "rates" },
  loss: { kind: "choice", choices: ["mse", "soft"], default: "mse", help: "" },
  losses: { kind: "choices", choices: ["mse", "soft"], help: "losses" },
  out: { kind: "string", help: "folder" },
  retryFailed: { kind: "boolean", help: "again" },
} as const;

const POSITIONAL = {
  file: { kind: "string", required: true, help: "the model to read" },
  format: { kind: "choice", choices: ["text", "binary"], help: "its format" },
} as const;

function parse(line: string) {
  return parseOptions(line.split(" ").filter(Boolean), OPTIONS);
}

Deno.test("parseOptions gives every default where nothing is given", () => {
  assertEquals(parse(""), {
    hidden: 6,
    widths: [1, 2],
    dropout: undefined,
    rates: undefined,
    loss: "mse",
    losses: undefined,
    out: undefined,
    retryFailed: false,
    json: false,
    seed: undefined,
    backend: "auto",
    verbose: false,
    help: false,
  });
});

Deno.test("parseOptions types each value by its option", () => {
  const values = parse("--losses soft,mse");
  const hidden: number = values.hidden;
  const widths: number[] = values.widths;
  const dropout: number | undefined = values.dropout;
  const loss: "mse" | "soft" = values.loss;
  const losses: ("mse" | "soft")[] | undefined = values.losses;
  const backend: "auto" | "webgpu" | "wasm" | "cpu" = values.backend;
  assertEquals(
    [hidden, widths, dropout, loss, losses, backend],
    [6, [1, 2], undefined, "mse", ["soft", "mse"], "auto"],
  );
});

const READ: [line: string, name: keyof typeof OPTIONS, value: unknown][] = [
  ["--hidden 8", "hidden", 8],
  ["--hidden=8", "hidden", 8],
  ["--hidden 65536", "hidden", 65_536],
  ["--widths 1,2,100", "widths", [1, 2, 100]],
  ["--widths 7", "widths", [7]],
  ["--dropout 0", "dropout", 0],
  ["--dropout .25", "dropout", 0.25],
  ["--dropout 2e-1", "dropout", 0.2],
  ["--rates 0.5,1e3", "rates", [0.5, 1000]],
  ["--loss soft", "loss", "soft"],
  ["--out 12", "out", "12"],
  ["--out=a=b", "out", "a=b"],
  ["--retry-failed", "retryFailed", true],
  ["--retry-failed --hidden 3", "retryFailed", true],
];
for (const [line, name, value] of READ) {
  Deno.test(`parseOptions reads ${line}`, () => {
    assertEquals(parse(line)[name], value);
  });
}

const REFUSED: [line: string, message: string][] = [
  ["--hidden 0", "--hidden 0: it must be an integer from 1 to 65536"],
  ["--hidden 1e9", "--hidden 1e9: it must be an integer from 1 to 65536"],
  ["--hidden 1.5", "--hidden 1.5: it must be an integer from 1 to 65536"],
  ["--hidden -1", "--hidden -1: it must be an integer from 1 to 65536"],
  ["--hidden 0x10", "--hidden 0x10: it must be an integer"],
  ["--hidden NaN", "--hidden NaN: it must be an integer"],
  ["--hidden many", "--hidden many: it must be an integer"],
  ["--hidden", "--hidden: it needs a value after it"],
  ["--hidden=", "--hidden: it needs a value after it"],
  ["--hidden --json", "--hidden: it needs a value after it"],
  ["--hidden 3 --hidden 4", "--hidden 2 times: it must be given once"],
  ["--json --json", "--json 2 times: it must be given once"],
  ["--widths 1,,2", "--widths 1,,2: each value must be an integer from 1 to"],
  ["--widths 1,101", "--widths 1,101: each value must be an integer from 1 to"],
  ["--dropout 1", "--dropout 1: it must be a number at least 0 and below 1"],
  ["--dropout -0.1", "--dropout -0.1: it must be a number at least 0"],
  ["--dropout Infinity", "--dropout Infinity: it must be a number"],
  ["--rates 0", "--rates 0: each value must be a number above 0"],
  ["--loss hard", "--loss hard: it must be one of mse, soft"],
  ["--losses mse,hard", "--losses mse,hard: each value must be one of mse, "],
  ["--seed -1", "--seed -1: it must be an integer at least 0"],
  ["--seed 1e300", "--seed 1e300: it must be an integer at least 0"],
  ["--backend gpu", "--backend gpu: it must be one of auto, webgpu, wasm, cpu"],
  ["--hiden 3", "--hiden: there is no such option; the nearest is --hidden"],
  [
    "--drop-out=1",
    "--drop-out: there is no such option; the nearest is --dropo",
  ],
  ["--retryfailed", "there is no such option; the nearest is --retry-failed"],
  ["--no-json", "--no-json: there is no such option; the nearest is --json"],
  ["--__proto__ 1", "--__proto__: there is no such option"],
  ["--a.b 1", "--a.b: there is no such option"],
  ["-x", "-x: there is no such option"],
  ["--json=false", "--json with a value: it must be given alone"],
  ["--json true", "--json with a value: it must be given alone"],
  ["model", "argument model: this command takes only options"],
  ["-- --hidden", "argument --hidden: this command takes only options"],
];
for (const [line, message] of REFUSED) {
  Deno.test(`parseOptions refuses ${line}`, () => {
    assertThrows(() => parse(line), UsageError, message);
  });
}

Deno.test("parseOptions reads what stands beside flags, in order", () => {
  const args = ["model.dram", "--seed", "2", "binary"];
  const { file, format, seed } = parseOptions(args, OPTIONS, POSITIONAL);
  const required: string = file;
  assertEquals([required, format, seed], ["model.dram", "binary", 2]);
});

Deno.test("parseOptions takes everything after -- as no flag", () => {
  const { file } = parseOptions(["--", "--json"], OPTIONS, POSITIONAL);
  assertEquals(file, "--json");
});

Deno.test("parseOptions keeps a number beside flags as text", () => {
  assertEquals(parseOptions(["007"], OPTIONS, POSITIONAL).file, "007");
});

Deno.test("parseOptions refuses a missing, a wrong and an extra argument", () => {
  const refuse = (args: string[], message: string) =>
    assertThrows(
      () => parseOptions(args, OPTIONS, POSITIONAL),
      UsageError,
      message,
    );
  refuse([], "Cannot run without file: the model to read");
  refuse(["a", "zip"], "Cannot use format zip: it must be one of text, binary");
  refuse(["a", "text", "b"], "Cannot use argument b: this command takes 2");
});

Deno.test("parseOptions refuses a table whose default breaks its rule", () => {
  const options = {
    hidden: { kind: "integer", min: 1, default: 0, help: "units" },
  } as const;
  assertThrows(() => parseOptions([], options), TypeError, "every default");
});

Deno.test("parseOptions gives a list of its own, not the table's default", () => {
  parse("").widths.push(3);
  assertEquals(parse("").widths, [1, 2]);
});
