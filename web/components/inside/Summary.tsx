import {
  formatAccuracy,
  formatCount,
} from "../../../core/text/format_numbers.ts";
import type { SiteInside } from "../../../site/inside_data.ts";
import type { SiteModel } from "../../../site/site_data.ts";
import { UNKNOWN_SPLIT } from "../../../core/report/results_table.ts";
import type { StudyResult } from "../../../core/sweep/result.ts";
import { linkModel } from "../link_model.ts";

/** What the model is, and where to take it. */
export function Summary(
  { model, inside, split }: {
    model: SiteModel;
    inside: SiteInside;
    /** The teacher's. */
    split: StudyResult["teacher"]["split"];
  },
) {
  return (
    <>
      <dl class="facts">
        <dt>Kind</dt>
        <dd>{model.title}</dd>
        <dt>Layers</dt>
        <dd>
          <code>
            {model.layers.split(",").flatMap((layer, index) =>
              index === 0 ? [layer] : [",", <wbr key={index} />, layer]
            )}
          </code>
        </dd>
        <dt>File</dt>
        <dd>
          {formatCount(model.bytes)} bytes, architecture and labels included
        </dd>
        <dt>Weights</dt>
        <dd>
          {formatCount(inside.parameters)}, at {inside.bitsPerWeight.toFixed(2)}
          {" "}
          bits each
        </dd>
        <dt>One image</dt>
        <dd>{formatCount(inside.multiplyAdds)} multiply-adds</dd>
        <dt>Accuracy</dt>
        <dd>
          {formatAccuracy(model.accuracy.validation)} on validation images,{" "}
          {formatAccuracy(model.accuracy.test)} on test images
        </dd>
      </dl>
      {split === "unknown" && <p class="note">{UNKNOWN_SPLIT}</p>}
      <p class="row">
        <a class="button primary" href={linkModel(model.name)}>Draw with it</a>
        <a class="button" href={model.file} download={`${model.name}.dram`}>
          Download the file
        </a>
      </p>
    </>
  );
}
