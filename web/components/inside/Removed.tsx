import {
  formatBytes,
  formatCompression,
  formatCount,
} from "../../../core/text/format_numbers.ts";
import type { SiteInside } from "../../../site/inside_data.ts";
import type { DataFacts } from "../data_facts.ts";
import { Border } from "./Border.tsx";
import { Features } from "./Features.tsx";
import { Masks } from "./Masks.tsx";
import { Scale } from "./Scale.tsx";

const FLOAT_BYTES = 4;

/** How much smaller than the teacher the model is, and what is gone. */
export function Removed(
  { inside, teacherParameters, data }: {
    inside: SiteInside;
    teacherParameters: number;
    data: DataFacts;
  },
) {
  const { parameters, left, bytes, features, masks } = inside;
  const teacherBytes = teacherParameters * FLOAT_BYTES;
  return (
    <section aria-labelledby="removed">
      <h2 id="removed">What was removed</h2>
      {parameters === teacherParameters
        ? (
          <p>
            Nothing: this is the network that the others learnt from, with all
            of its {formatCount(parameters)} weights.
          </p>
        )
        : (
          <>
            <p>
              The teacher has {formatCount(teacherParameters)} weights,{" "}
              {formatBytes(teacherBytes).replace(" ", "\u00a0")}{" "}
              as 32-bit numbers. This model has {formatCount(parameters)}
              {left < parameters && (
                <>, of which {formatCount(parameters - left)} are zero</>
              )}
              , in a file{" "}
              <strong>{formatCompression(teacherBytes / bytes)} smaller
              </strong>.
            </p>
            <div class="scales">
              <span>Weights</span>
              <Scale
                part={parameters}
                whole={teacherParameters}
                label={`${formatCount(parameters)} weights of ${
                  formatCount(teacherParameters)
                }, to scale`}
              />
              <span>Bytes</span>
              <Scale
                part={bytes}
                whole={teacherBytes}
                label={`${formatCount(bytes)} bytes of ${
                  formatCount(teacherBytes)
                }, to scale`}
              />
            </div>
            <p class="note">
              Blue is what is left, where that is enough to be seen: the whole
              bar is the teacher.
            </p>
          </>
        )}
      <Border
        border={inside.border}
        dense={inside.units !== null}
        data={data}
      />
      {features && <Features features={features} />}
      {masks.length > 0 && <Masks masks={masks} />}
    </section>
  );
}
