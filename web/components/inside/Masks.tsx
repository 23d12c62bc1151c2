import { formatCount } from "../../../core/text/format_numbers.ts";
import type { InsideMask } from "../../../site/inside_data.ts";
import { formatShare } from "./format_share.ts";
import { Picture } from "./Picture.tsx";

function describeCell({ cell: [rows, columns], most }: InsideMask): string {
  return rows * columns === 1
    ? "Each cell is a weight."
    : `A cell stands for ${rows}×${columns} weights; where it is fullest, ${
      formatShare(most)
    } are left.`;
}

/** Which weights are left in layers that were pruned. */
export function Masks({ masks }: { masks: InsideMask[] }) {
  return (
    <>
      <h3>Pruned weights</h3>
      <p>
        Each layer as a matrix, a row an output, a column an input; what is
        blank was pruned to zero.
      </p>
      {masks.map((mask) => {
        const { layer, rows, columns, left, picture } = mask;
        const text = `${layer}: ${formatCount(left)} of ${
          formatCount(rows * columns)
        } weights left (${formatShare(left / rows / columns)})`;
        return (
          <figure key={layer} class="mask">
            <Picture
              ink
              picture={picture}
              scale={Math.max(4, Math.floor(480 / picture.width))}
              alt={`Mask of the layer ${text}.`}
            />
            <figcaption>
              {text}. {describeCell(mask)}
            </figcaption>
          </figure>
        );
      })}
    </>
  );
}
