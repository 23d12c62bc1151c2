import { countParameters } from "../../core/models/cost.ts";
import type { Manifest } from "../../core/models/manifest.ts";
import { cleanText } from "../../core/text/clean_text.ts";
import type { Io } from "../command.ts";

/** Tells of a model that was made and written to `out`: a line, or its manifest as JSON. */
export function announceModel(out: string, manifest: Manifest, io: Io): void {
  const { spec, scores: { epoch, validation, test } } = manifest;
  const parameters = countParameters(spec).toLocaleString("en");
  io.print(
    `${cleanText(spec.name)}: ${parameters} parameters, validation ${
      validation.accuracy.toFixed(4)
    } (epoch ${epoch}), test ${test.accuracy.toFixed(4)}, written to ${
      cleanText(out)
    }`,
  );
  io.printJson({ out, ...manifest });
}
