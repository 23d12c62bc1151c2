import type { InsideUnits } from "../../../site/inside_data.ts";
import { Picture } from "./Picture.tsx";

/** The weights of the first dense layer over the image, for some of its units. */
export function Units({ units: { count, pictures } }: { units: InsideUnits }) {
  return (
    <figure>
      <div class="units">
        {pictures.map((picture, index) => (
          <Picture
            key={index}
            picture={picture}
            scale={4}
            alt={`Weights over the image of unit ${index + 1}.`}
          />
        ))}
      </div>
      <figcaption>
        Weights of the first layer in their place in the image: of its {count}
        {" "}
        units, the {pictures.length}{" "}
        with the most weight. Blue is positive, vermillion negative, blank was
        removed.
      </figcaption>
    </figure>
  );
}
