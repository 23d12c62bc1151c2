import { formatCount } from "../../../core/text/format_numbers.ts";
import type { SiteInside } from "../../../site/inside_data.ts";
import { Filters } from "./Filters.tsx";
import { Units } from "./Units.tsx";

/** The first layer, as far as it can be pictured. */
export function Left({ inside }: { inside: SiteInside }) {
  const { filters, units, parameters, left } = inside;
  return (
    <section aria-labelledby="left">
      <h2 id="left">What is left</h2>
      <p>
        {formatCount(left)} {left === parameters
          ? "weights, none of them zero"
          : "weights that are not zero"}
        . These see the image first:
      </p>
      {filters && <Filters filters={filters} />}
      {units && <Units units={units} />}
    </section>
  );
}
