import { formatCount } from "../../../core/text/format_numbers.ts";
import type { SiteInside } from "../../../site/inside_data.ts";
import type { DataFacts } from "../data_facts.ts";
import { Confusion } from "./Confusion.tsx";
import { countErrors } from "./count_errors.ts";
import { Disagreement } from "./Disagreement.tsx";

/** Its mistakes: what it takes for what, and where it leaves its teacher. */
export function Cost(
  { inside, teacherErrors, data }: {
    inside: SiteInside;
    teacherErrors: number;
    data: DataFacts;
  },
) {
  const { confusion, disagreement } = inside;
  const images = confusion.flat().reduce((a, b) => a + b, 0);
  const errors = countErrors(confusion);
  return (
    <section aria-labelledby="cost">
      <h2 id="cost">What it costs</h2>
      <p>
        {formatCount(errors)} of {formatCount(images)} test images are mistaken
        {disagreement && (
          <>, where the teacher mistakes {formatCount(teacherErrors)}</>
        )}.
      </p>
      <Confusion matrix={confusion} data={data} />
      {disagreement && (
        <Disagreement disagreement={disagreement} images={images} data={data} />
      )}
    </section>
  );
}
