import { askC } from "../../core/export/ask_c.ts";
import { isInteger } from "../../core/models/integer.ts";
import { certify } from "../../core/compress/certificate.ts";
import {
  checkWritable,
  encodeDram,
} from "../../core/compress/code/encode_dram.ts";
import {
  COMPACT_RECIPE,
  parseCompactRecipe,
} from "../../core/compress/compact/compact_recipe.ts";
import {
  floatCheckpointOf,
  trainCompact,
} from "../../core/compress/compact/train_compact.ts";
import { checkRoundable } from "../../core/compress/compact/find_shifts.ts";
import { scoreEncoded } from "../../core/compress/compact/score_encoded.ts";
import { weightConstraints } from "../../core/compress/compact/weight_constraints.ts";
import {
  certificateFile,
  certificatePath,
} from "../../core/compress/write_certificate.ts";
import { writeAllAtomically } from "../../core/files/write_atomically.ts";
import { decodeDram } from "../../core/infer/decode_dram.ts";
import { countParameters } from "../../core/models/cost.ts";
import { makeManifest } from "../../core/models/manifest.ts";
import { parseLayers } from "../../core/models/parse_layers.ts";
import { LOSSES } from "../../core/train/losses/losses.ts";
import { cleanText } from "../../core/text/clean_text.ts";
import { defineCommand } from "../command.ts";
import { claimOutput, FORCE_OPTION } from "./claim_output.ts";
import { commandLine } from "../options/command_line.ts";
import { COMMON_OPTIONS } from "../options/common_options.ts";
import {
  COMPACT_OPTIONS,
  compactConfiguration,
  POOL_OPTIONS,
  poolSpec,
  usualPool,
} from "../options/compact_options.ts";
import { withoutDefaults } from "../options/defaults.ts";
import {
  loadTeacherAndData,
  startBackend,
  TEACHER_OPTIONS,
} from "./experiment.ts";
import { holdTestImages } from "../options/data_options.ts";
import { loadPools } from "./load_pools.ts";
import { readRecipe } from "./read_recipe.ts";
import { checkLossValues } from "../options/loss_options.ts";

/** What is given stands above the recipe. */
const OPTIONS = {
  recipe: {
    kind: "path",
    reads: "file",
    placeholder: "FILE",
    help: "a manifest that compact wrote, or JSON like its `configuration`",
  },
  layers: {
    kind: "string",
    placeholder: "TEXT",
    usual: COMPACT_RECIPE.layers,
    help: "its layers, first to last; that of the classes follows",
  },
  ...withoutDefaults(COMPACT_OPTIONS),
  ...withoutDefaults(POOL_OPTIONS),
  ...TEACHER_OPTIONS,
  float: {
    kind: "path",
    writes: "file",
    placeholder: "FILE",
    usual: "beside the output, removed at the end",
    help: "keep the first part's state there, and begin from what is there",
  },
  out: {
    kind: "path",
    writes: "file",
    placeholder: "FILE",
    default: "trained/compact.dram",
    help: "where the model goes",
  },
} as const;

/** Options that the manifest's command line tells. */
const RECORDED = {
  ...OPTIONS,
  seed: COMMON_OPTIONS.seed,
  backend: COMMON_OPTIONS.backend,
};

export const command = defineCommand({
  name: "compact",
  about:
    `Trains one compact model on the teacher's logits of augmented images, first with
float weights, then with weights held to a few bits, and writes it as a .dram
file, with its manifest and its certificate beside it. Interrupted, it saves
where it stands; the same command then goes on from there.`,
  examples: [
    "compact --out trained/small.dram",
    'compact --layers "conv5x4/2,max2,conv3x6" --rate-penalty 0.05',
    "compact --integers --out trained/exact.dram",
    "compact --recipe models/compact/digits-98.json --seed 2",
  ],
  options: { ...OPTIONS, ...FORCE_OPTION },
  savesOnInterrupt: true,
  async run(values, io) {
    const { out } = values;
    const written = await readRecipe(values.recipe);
    const { teacher, dataset } = await loadTeacherAndData(values, io);
    const { shape: input, classes } = dataset;
    const usual = { ...COMPACT_RECIPE, pool: usualPool(dataset) };
    const recipe = written
      ? parseCompactRecipe(written.text, written.source, usual)
      : usual;
    const layers = values.layers ?? recipe.layers;
    const { option: loss } = LOSSES[recipe.configuration.loss.kind];
    checkLossValues([values.loss ?? loss], values);
    const name = out.replace(/^.*\//, "").replace(/\.dram$/, "");
    const spec = parseLayers(layers, { input, classes });
    const configuration = compactConfiguration(values, {
      images: dataset.train.count,
      recipe: recipe.configuration,
    });
    // Before any work is done: throws where it is too large, bits or layers' names are wrong.
    checkWritable(spec);
    weightConstraints(spec, configuration);
    if (configuration.integers) checkRoundable(spec, configuration.integers);
    const stem = out.replace(/\.dram$/, "");
    const checkpoint = `${out}.checkpoint`;
    using _claim = await claimOutput({
      command: "compact",
      at: { file: out },
      force: values.force,
      makes: [out, `${stem}.json`, certificatePath(out)],
      unfinished: [checkpoint, floatCheckpointOf(checkpoint)],
    });
    const backend = await startBackend(values.backend, io, { tune: true });
    const augmented = poolSpec(values, dataset, recipe.pool);
    const pools = await loadPools(
      { teacher, dataset, spec: augmented, backend, memory: values.memory },
      io,
    );

    const floatCheckpoint = values.float ?? floatCheckpointOf(checkpoint);
    const train = async () => {
      using progress = io.progress(name);
      return await trainCompact({
        spec,
        labels: [...dataset.classNames],
        ...pools,
        configuration,
      }, {
        checkpoint,
        floatCheckpoint,
        signal: io.signal,
        onProgress: progress.training,
        onNote: io.note,
      });
    };
    const { encoded, records } = await train();

    const bytes = encodeDram(encoded);
    io.note(`${name}: ${bytes.length} bytes; certifying`);
    const certificate = await certify({
      bytes,
      encoded,
      images: holdTestImages(dataset, io).images,
      ...isInteger(encoded.spec.layers) && { askC },
      signal: io.signal,
    });
    const decoded = decodeDram(bytes);
    const scores = {
      epoch: records.quantised.bestEpoch,
      validation: await scoreEncoded(decoded, {
        examples: dataset.validation,
      }),
      test: await scoreEncoded(decoded, { examples: dataset.test }),
    };
    const manifest = {
      ...makeManifest({
        spec: encoded.spec,
        configuration: { layers, ...configuration, pool: augmented },
        backend,
        dataset,
        teacher,
        scores,
      }),
      command: commandLine("compact", RECORDED, values),
      bytes: bytes.length,
    };
    await writeAllAtomically([
      [
        `${stem}.json`,
        `${JSON.stringify(manifest, null, 2)}\n`,
      ],
      certificateFile(out, certificate),
      [out, bytes],
    ]);
    await Deno.remove(checkpoint);
    if (values.float === undefined) await Deno.remove(floatCheckpoint);
    const parameters = countParameters(spec);
    io.print(
      `${cleanText(out)}: ${bytes.length.toLocaleString("en")} bytes, ${
        parameters.toLocaleString("en")
      } parameters, validation ${
        scores.validation.accuracy.toFixed(4)
      } (epoch ${scores.epoch}), test ${scores.test.accuracy.toFixed(4)}`,
    );
    io.printJson({ out, parameters, ...manifest });
  },
});
