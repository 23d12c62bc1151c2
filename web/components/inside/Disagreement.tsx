import { formatCount } from "../../../core/text/format_numbers.ts";
import type { InsideDisagreement } from "../../../site/inside_data.ts";
import { type DataFacts, nameClass } from "../data_facts.ts";
import { formatPercent } from "../format_percent.ts";
import { Picture } from "./Picture.tsx";

/** Pixels of the screen that a picture is wide, or nearly. */
const SIDE = 84;

/** The images on which teacher and model disagree. */
export function Disagreement(
  { disagreement, images, data }: {
    disagreement: InsideDisagreement;
    images: number;
    data: DataFacts;
  },
) {
  const { count, teacherRight, modelRight, examples } = disagreement;
  const neither = count - teacherRight - modelRight;
  return (
    <>
      <h3>Where it and the teacher disagree</h3>
      <p>
        On {formatCount(count)} of {formatCount(images)}{" "}
        test images. The teacher is right about {formatCount(teacherRight)}{" "}
        of them, this model about {formatCount(modelRight)}, neither about{" "}
        {formatCount(neither)}.
        {examples.length < count &&
          ` Here are ${examples.length}: the first of each pair of answers, the commonest pairs first.`}
      </p>
      <ul class="examples">
        {examples.map((
          { index, label, teacher, model, confidence, picture },
        ) => (
          <li key={index}>
            <Picture
              ink={data.shape[2] === 1}
              picture={picture}
              scale={Math.max(1, Math.round(SIDE / picture.width))}
              alt={`Test image ${index}, ${nameClass(label, data)}.`}
            />
            <p>
              <strong>{nameClass(label, data)}</strong>
              <br />
              teacher: {teacher}
              <br />
              model: {model}, {formatPercent(confidence, 0)}
            </p>
          </li>
        ))}
      </ul>
    </>
  );
}
