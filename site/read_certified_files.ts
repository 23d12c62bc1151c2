import { isRecord, parseJsonObject } from "../core/files/json.ts";
import { nameLoss, parseLoss } from "../core/train/losses/losses.ts";
import type { ModelFile } from "./model_file.ts";

/** What a model is, by the name that its manifest gives its layers. */
function describeName(name: string): Pick<ModelFile, "family" | "title"> {
  const lenet = name.match(/^lenet-(.*)$/);
  if (lenet) {
    const title = `LeNet-${lenet[1]} by Deep Compression`;
    return { family: "deep-compression", title };
  }
  const student = name.match(/^student-(\d+)$/);
  if (student) {
    const title = `student of ${student[1]} units, thinned and compressed`;
    return { family: "student", title };
  }
  return { family: "compact", title: "compact student" };
}

/** What the manifest `text` of the file called `name` says, which errors call `path`. */
function readManifest(
  text: string,
  { name, path }: { name: string; path: string },
): Omit<ModelFile, "bytes"> {
  const { spec, configuration, scores } = parseJsonObject(text, path);
  const accuracyOf = (part: string) => {
    const score = isRecord(scores) ? scores[part] : undefined;
    if (isRecord(score) && typeof score.accuracy === "number") {
      return score.accuracy;
    }
    throw new SyntaxError(
      `Cannot read ${path}: it must say what the file scores: there is no scores.${part}.accuracy`,
    );
  };
  const { loss, seed } = isRecord(configuration) ? configuration : {};
  return {
    name,
    ...describeName(isRecord(spec) ? String(spec.name) : ""),
    hidden: null,
    loss: loss === undefined
      ? null
      : nameLoss(parseLoss(JSON.stringify(loss), `the loss of ${path}`)),
    seed: typeof seed === "number" ? seed : null,
    expected: {
      validation: accuracyOf("validation"),
      test: accuracyOf("test"),
    },
  };
}

/**
 * The `.dram` files in `folder`, by name, with what their manifests, `NAME.json`
 * beside them, say.
 *
 * Throws a `SyntaxError` where a manifest is unusable, and what the file system
 * throws where there is none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readCertifiedFiles } from "./read_certified_files.ts";
 *
 * const [first] = await readCertifiedFiles("models/compact");
 * assertEquals([first.name, first.family, first.bytes.length], ["digits-95", "compact", 250]);
 * ```
 */
export async function readCertifiedFiles(folder: string): Promise<ModelFile[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(".dram")) names.push(name.replace(/\.dram$/, ""));
  }
  return await Promise.all(
    names.sort().map(async (name) => {
      const path = `${folder}/${name}.json`;
      const manifest = readManifest(await Deno.readTextFile(path), {
        name,
        path,
      });
      return {
        ...manifest,
        bytes: await Deno.readFile(`${folder}/${name}.dram`),
      };
    }),
  );
}
