import type { SiteInside } from "../../../site/inside_data.ts";
import { Filter } from "./Filter.tsx";
import { findMost } from "./find_most.ts";
import { Picture } from "./Picture.tsx";

/** How many pictures there are. */
const SHOWN = 8;

/** Some of the first layer's weights, to look at: "What is left" has them in full. */
export function Glance({ inside: { filters, units } }: { inside: SiteInside }) {
  return (
    <div class="glance" aria-hidden="true">
      {filters?.values.slice(0, SHOWN).map((values, index) => (
        <Filter
          key={index}
          number={index + 1}
          size={filters.size}
          values={values}
          most={findMost(filters.values)}
        />
      ))}
      {units?.pictures.slice(0, SHOWN).map((picture, index) => (
        <Picture key={index} picture={picture} scale={4} alt="" />
      ))}
    </div>
  );
}
