import type { InsideFilters } from "../../../site/inside_data.ts";
import { Filter } from "./Filter.tsx";
import { findMost } from "./find_most.ts";

/** Size of numbers, in cells, by how many characters the longest of them has. */
const FONT_SIZES = [0.44, 0.44, 0.44, 0.42, 0.34];

/** The kernels of the first convolution, with the integers that the file holds. */
export function Filters({ filters }: { filters: InsideFilters }) {
  const { size, values, levels } = filters;
  const most = findMost(values);
  const longest = Math.max(
    ...levels?.flat().map((level) => String(level).length) ?? [0],
  );
  return (
    <figure>
      <div class="filters">
        {values.map((filter, index) => (
          <Filter
            key={index}
            number={index + 1}
            size={size}
            values={filter}
            levels={levels?.[index]}
            most={most}
            fontSize={FONT_SIZES[longest]}
          />
        ))}
      </div>
      <figcaption>
        The first layer's {values.length} filters of {size}×{size}{" "}
        weights: blue is positive, vermillion negative, the stronger the larger.
        {levels &&
          " The numbers are what the file holds; a scale turns them into weights."}
      </figcaption>
    </figure>
  );
}
