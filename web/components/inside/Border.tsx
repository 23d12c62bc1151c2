import type { InsideBorder } from "../../../site/inside_data.ts";
import type { DataFacts } from "../data_facts.ts";
import { Key } from "./Key.tsx";
import { Picture } from "./Picture.tsx";

/** What the model reads of the image, against the pixels that are always blank. */
export function Border(
  { border, dense, data }: {
    border: InsideBorder;
    dense: boolean;
    data: DataFacts;
  },
) {
  const { pixels, blank, read, blankRead, mostReadings } = border;
  const unread = pixels - read - (blank - blankRead);
  return (
    <>
      <h3>The blank border</h3>
      <div class="beside">
        <div>
          <Picture
            picture={border.picture}
            scale={8}
            alt={`Map of the image: ${read} of ${pixels} pixels are read, ${blankRead} of them blank.`}
          />
          <Key
            entries={[
              ["often", "read, the stronger the more often"],
              unread > 0 && ["nothing", "not read"],
              ["grey", dense ? "always blank, and not read" : "always blank"],
              dense && blankRead > 0 &&
              ["vermillion", "always blank, but weights are left"],
            ]}
          />
        </div>
        <div>
          <p>
            {blank} of the {pixels}{" "}
            pixels are blank in every image that there was to learn from: a
            weight that sees only those can't tell{" "}
            {data.digits ? "digits" : "classes"} apart. The model reads {read}
            {" "}
            pixels, the most read one through {mostReadings} weights.
          </p>
          <p>
            {dense
              ? blankRead === 0
                ? `Each pixel has weights of its own, so those of blank pixels could go without changing any answer. None is left; pruning took those of ${
                  pixels - blank - read
                } more pixels.`
                : `Each pixel has weights of its own, so those of blank pixels could go without changing any answer.`
              : `A convolution moves the same few weights over the whole image. It reads ${blankRead} of the blank pixels too: they cost it some work, but no byte.`}
          </p>
        </div>
      </div>
    </>
  );
}
