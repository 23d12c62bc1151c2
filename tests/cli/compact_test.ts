import {
  assert,
  assertEquals,
  assertObjectMatch,
  assertStringIncludes,
} from "@std/assert";
import { COMPACT_CONFIGURATION } from "../../core/compress/compact/compact_configuration.ts";
import { unframeStream } from "../../core/infer/dram_frame.ts";
import { formatLayers } from "../../core/models/format_layers.ts";
import { decodeDram } from "../../core/infer/decode_dram.ts";
import { namesIn } from "./model_folder.ts";
import { freshExperiment, runIn } from "./tiny_experiment.ts";

const VALUES = {
  ...{ data: "digits", teacher: "teacher", backend: "wasm", copies: "2" },
  ...{ layers: "conv3x4,max2", batch: "16", averaging: "0.9" },
  ...{ epochs: "3", "learning-rate": "0.02", "quantised-epochs": "2" },
  ...{ out: "small.dram", float: "float" },
};

const { kernel, bias } = COMPACT_CONFIGURATION.bits;

/** A command line of small work, with `changes`. */
function compact(changes: Record<string, string> = {}): string[] {
  const values = Object.entries({ ...VALUES, ...changes });
  return [
    "compact",
    ...values.flatMap(([name, value]) => [`--${name}`, value]),
  ];
}

/** The words of a command line, as a shell reads them. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) =>
    quoted ?? word
  );
}

Deno.test("compact writes a .dram, its manifest and its certificate, and the manifest makes it again", async () => {
  const folder = await freshExperiment();
  const { code, stdout, stderr } = await runIn(folder, [
    ...compact(),
    "--json",
  ]);
  assertEquals(code, 0, stderr);
  const made = namesIn(folder).filter((name) => name.startsWith("small"));
  assertEquals(made, ["small.certificate.json", "small.dram", "small.json"]);
  const bytes = await Deno.readFile(`${folder}/small.dram`);
  const { spec, tensors } = decodeDram(bytes);
  assertEquals(spec.input, [14, 14, 1]);
  assertEquals(
    tensors.map((tensor) => tensor.kind === "uniform" && tensor.bits),
    [kernel, bias, kernel, bias],
  );
  const manifest = JSON.parse(await Deno.readTextFile(`${folder}/small.json`));
  const told = JSON.parse(stdout);
  assertEquals(told, { out: "small.dram", parameters: 1490, ...manifest });
  assertEquals(manifest.bytes, bytes.length);
  assert(manifest.scores.validation.accuracy > 0.5);
  assertObjectMatch(manifest.configuration, {
    layers: "conv3x4,max2",
    bits: { kernel, bias },
    epochs: { float: 3, quantised: 2 },
    pool: { copies: 2 },
    seed: 1,
  });

  const again = await runIn(folder, [
    ...wordsOf(manifest.command),
    "--force",
  ]);
  assertEquals(again.code, 0, again.stderr);
  assertStringIncludes(again.stdout, `small.dram: ${bytes.length} bytes`);
  assertEquals(await Deno.readFile(`${folder}/small.dram`), bytes);
  assertEquals(JSON.parse(await Deno.readTextFile(`${folder}/small.json`)), {
    ...manifest,
    date: told.date,
  });

  // The first part was kept, and gone on from.
  assert(namesIn(folder).includes("float"));
  await Deno.remove(folder, { recursive: true });
});

const REFUSED: [changes: Record<string, string>, code: number, why: string][] =
  [
    [{ layers: "conv3y4" }, 1, 'Cannot read layers "conv3y4"'],
    [{ bits: "12" }, 1, "bits must be an integer from 1 to 8"],
    [{ "layer-bits": "conv1" }, 2, "each layer must be like conv1=8"],
    [{ "layer-bits": "conv9=3" }, 1, "must be one of conv1, logits"],
    [{ loss: "labels", alpha: "0.5" }, 2, "Cannot use --alpha without"],
    [{ copies: "0" }, 2, "an integer from 1 to 200"],
  ];
Deno.test("compact trains, writes and certifies a model of leaky relus", async () => {
  const folder = await freshExperiment();
  const layers = "conv3x4:leaky,max2,res(conv3x4:same:leaky):leaky";
  const { code, stderr } = await runIn(folder, compact({ layers }));
  assertEquals(code, 0, stderr);
  const bytes = await Deno.readFile(`${folder}/small.dram`);
  assertEquals(unframeStream(bytes).version, 3);
  assertEquals(formatLayers(decodeDram(bytes).spec), layers);
  const manifest = JSON.parse(await Deno.readTextFile(`${folder}/small.json`));
  assert(manifest.scores.validation.accuracy > 0.5);
  // Written only where all backends give the direct path's classes, within the bounds.
  const certificate = await Deno.readTextFile(
    `${folder}/small.certificate.json`,
  );
  assertObjectMatch(JSON.parse(certificate), { file: { bytes: bytes.length } });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("compact refuses what it can't use before it does any work", async () => {
  const folder = await freshExperiment();
  const before = namesIn(folder);
  for (const [changes, code, why] of REFUSED) {
    const outcome = await runIn(folder, compact(changes));
    assertEquals([outcome.code, outcome.stdout], [code, ""], outcome.stderr);
    assertStringIncludes(outcome.stderr, why);
  }
  assertEquals(namesIn(folder), before);
  await Deno.remove(folder, { recursive: true });
});
