import { isRecord, parseJsonObject, quoteJson } from "../../../files/json.ts";
import type { FloatArray } from "../../../files/safetensors.ts";
import { checkOutput } from "../check_output.ts";
import { hashModel, type LoadedModel } from "../loaded_model.ts";
import { lowerRow } from "../lower_row.ts";
import {
  type ModelJson,
  MOST_JSON_BYTES,
  parseWeightsManifest,
  readWeightData,
} from "../model_json.ts";
import type { PixelScale } from "../pixel_scale.ts";
import { displayName, readBeside } from "../read_beside.ts";
import type { RowStep } from "../row.ts";
import { cutWeights } from "../stored_weights.ts";
import { matchWeights } from "./match_weights.ts";
import { parseTopology } from "./parse_topology.ts";
import type { SavedRow } from "./saved_layer.ts";

/**
 * Loads a model folder, of which the JSON is open: with the weights beside it and, if
 * there is one, `manifest.json`.
 *
 * Nothing in it is trusted: weights must lie in the folder itself, be called after
 * their layers, have the layers' shapes, fill the files exactly and be finite, and
 * every field that changes what the model computes is read or refused. Throws
 * `Deno.errors.NotFound` for a missing file, a `SyntaxError` for a malformed
 * one, a `TypeError` for what is no regular file, and a `RangeError` where a
 * layer's counts are out of range or a file is too large.
 */
export async function loadLayersModel(
  model: ModelJson,
  { pixels }: { pixels?: PixelScale } = {},
): Promise<LoadedModel> {
  const { folder, source, bytes, description } = model;
  const { format = "layers-model", modelTopology } = description;
  if (format !== null && format !== "layers-model") {
    throw new SyntaxError(
      `Cannot load ${source}: its format must be layers-model or graph-model: found ${
        quoteJson(format)
      }; convert the model with --output_format=tfjs_layers_model`,
    );
  }
  const topology = parseTopology(modelTopology, source);
  const manifested = parseWeightsManifest(description.weightsManifest, source);
  const { declared } = manifested;
  // Before any weight is read: their names must be the layers'.
  const places = matchWeights(topology.row, declared, source);
  const data = await readWeightData(model, manifested);
  const stored = cutWeights(data, declared, source);
  const manifest = parseManifest(
    await readBeside(folder, "manifest.json", MOST_JSON_BYTES),
    displayName(new URL("manifest.json", folder)),
  );
  // What was made here reads pixels divided by 255.
  const read = manifest ? undefined : pixels;
  const { spec, weights, pixels: reads, ends } = lowerSaved(
    topology,
    { places, stored },
    source,
    { pixels: read },
  );
  return {
    kind: "row",
    spec,
    weights,
    ...reads && { reads },
    ...ends && { ends },
    bytes: data.length,
    sha256: await hashModel([bytes, data], read, ends),
    manifest,
    ...read && { pixels: read },
  };
}

/** What a manifest of ours says; web apps have files of that name, too, which say nothing here. */
function parseManifest(
  bytes: Uint8Array | undefined,
  source: string,
): Record<string, unknown> | undefined {
  if (!bytes) return undefined;
  const manifest = parseJsonObject(new TextDecoder().decode(bytes), source);
  const { versions } = manifest;
  return isRecord(versions) && Object.hasOwn(versions, "retort")
    ? manifest
    : undefined;
}

/** Layers of ours of what `topology` says, with the `stored` weights at the `places` of their layer. */
export function lowerSaved(
  { row, ...saved }: ReturnType<typeof parseTopology>,
  { places, stored }: {
    places: ReturnType<typeof matchWeights>;
    stored: readonly FloatArray[];
  },
  source: string,
  options: { pixels?: PixelScale },
): ReturnType<typeof lowerRow> {
  const weightsOf = (name: string) =>
    (places.get(name) ?? []).map((place) => stored[place]);
  const steps = fillRow(row, weightsOf);
  const lowered = lowerRow({ ...saved, steps }, source, options);
  checkOutput(lowered.spec, source);
  return lowered;
}

/** What the layers of `row` do, with their weights, which are called by their layer's name. */
function fillRow(
  row: SavedRow,
  weightsOf: (name: string) => FloatArray[],
): RowStep[] {
  return row.flatMap((step): RowStep[] =>
    step.kind === "residual"
      ? [{
        kind: "residual",
        name: step.name,
        steps: fillRow(step.row, weightsOf),
      }]
      : step.steps(weightsOf(step.name))
  );
}
