// Fuzzes the readers of data: `deno task fuzz:data --files 10000 --seed 1`, or some of
// them, `--only png,npz`. Exits with 1 where something was that must not be.
import { parseArgs } from "@std/cli/parse-args";
import { fuzzReader } from "./fuzz_reader.ts";
import { type FuzzedReader, READERS } from "./readers.ts";

const HELP = `deno task fuzz:data [--files N] [--seed S] [--only NAME,…]

Feeds each reader of data N changed files (10000): bytes changed, cut and put in,
or, beneath right checksums, chunks, members, headers and cells. Each must be read
to whole images with labels within the classes, or be refused in words, in bounded
time and memory. The report goes to stdout.`;

const { files, seed, only, help } = parseArgs(Deno.args, {
  string: ["files", "seed", "only"],
  boolean: ["help"],
  default: { files: "10000", seed: "1", only: Object.keys(READERS).join() },
  unknown(argument: string) {
    console.error(`Cannot fuzz: unknown argument ${argument}\n\n${HELP}`);
    Deno.exit(2);
  },
});
if (help) {
  console.log(HELP);
  Deno.exit(0);
}
const readers: Record<string, FuzzedReader> = READERS;
const names: string[] = only.split(",");
if (
  !/^[1-9]\d*$/.test(files) || !/^\d+$/.test(seed) ||
  !names.every((name) => Object.hasOwn(readers, name))
) {
  console.error(
    `Cannot fuzz: files and seed must be integers, and readers some of ${
      Object.keys(READERS).join(", ")
    }\n\n${HELP}`,
  );
  Deno.exit(2);
}
let faults = 0;
for (const name of names) {
  const start = performance.now();
  const report = await fuzzReader(readers[name], {
    files: Number(files),
    seed: Number(seed),
  });
  const seconds = (performance.now() - start) / 1000;
  console.log(JSON.stringify({ reader: name, seed, seconds, ...report }));
  faults += report.faultCount;
}
Deno.exit(faults > 0 ? 1 : 0);
