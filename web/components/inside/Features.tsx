import { formatCount } from "../../../core/text/format_numbers.ts";
import type { InsideFeatures } from "../../../site/inside_data.ts";
import { formatShare } from "./format_share.ts";
import { Key } from "./Key.tsx";
import { Picture } from "./Picture.tsx";

/** Where the weights of the dense layer after the convolutions look. */
export function Features({ features }: { features: InsideFeatures }) {
  const { shape, units, weights, left, emptyPlaces } = features;
  const { blankPlaces, blankWeights, blankLeft } = features;
  const [rows, columns, channels] = shape;
  return (
    <>
      <h3>Where the dense layer looks</h3>
      <div class="beside">
        <div>
          <Picture
            picture={features.picture}
            scale={18}
            alt={`Map of ${rows} by ${columns} places: how large the weights are that read each.`}
          />
          <Key
            entries={[
              ["often", "read, the stronger the larger the weights"],
              emptyPlaces > 0 && ["grey", "no weight left"],
              blankLeft > 0 && ["vermillion", "sees only blank pixels"],
            ]}
          />
        </div>
        <div>
          <p>
            The convolutions end in a map of {rows}×{columns} places with{" "}
            {channels} channels, and each of {units}{" "}
            {units === 1 ? "unit" : "units"}{" "}
            of the dense layer has a weight for every number of it:{" "}
            {formatCount(weights)} weights, of which {left === weights
              ? "none is zero"
              : `${formatCount(left)} (${
                formatShare(left / weights)
              }) are left`}
            .
          </p>
          <p>
            {blankPlaces === 0
              ? "Every place sees some pixel that isn't always blank: near the border, only sizes of weights tell what they are worth."
              : `${blankPlaces} places see only blank pixels; of the ${
                formatCount(blankWeights)
              } weights that read them, ${formatCount(blankLeft)} are left.`}
          </p>
        </div>
      </div>
    </>
  );
}
