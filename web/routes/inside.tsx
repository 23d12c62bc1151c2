import { page } from "fresh";
import { formatPercent } from "../components/format_percent.ts";
import { Bytes } from "../components/inside/Bytes.tsx";
import { Cost } from "../components/inside/Cost.tsx";
import { findInside } from "../components/inside/find_inside.ts";
import { Glance } from "../components/inside/Glance.tsx";
import { Left } from "../components/inside/Left.tsx";
import { ModelChoice } from "../components/inside/ModelChoice.tsx";
import { Removed } from "../components/inside/Removed.tsx";
import { Summary } from "../components/inside/Summary.tsx";
import { formatCount } from "../../core/text/format_numbers.ts";
import { define } from "../define.ts";
import { data as facts, DEFAULT_MODEL, study } from "../site_study.ts";

export const handler = define.handlers({
  GET({ url }) {
    const found = findInside(url.searchParams.get("model") ?? DEFAULT_MODEL);
    return page(found, { status: found.chosen ? 200 : 404 });
  },
});

export default define.page<typeof handler>(function Inside({ data }) {
  const { models, chosen, teacher } = data;
  if (!chosen) {
    return (
      <>
        <h1>There is no such model here</h1>
        <p class="lede">
          The link may be old, or mistyped. Choose one of these:
        </p>
        <ModelChoice models={models} chosen={DEFAULT_MODEL} />
      </>
    );
  }
  const { model, inside } = chosen;
  return (
    <>
      <h1>
        Inside {model.family === "teacher" ? "the teacher" : model.name}
      </h1>
      <p class="lede">
        A classifier of {facts.digits
          ? "handwritten digits"
          : `images of ${facts.title} into ${facts.classes} classes`}, complete
        in {formatCount(model.bytes)} bytes: right about{" "}
        {formatPercent(model.accuracy.test, 2)} of images it never saw.
      </p>
      <div class="opening">
        <Glance inside={inside} />
        <div>
          <ModelChoice models={models} chosen={model.name} />
          <Summary
            model={model}
            inside={inside}
            split={study.result.teacher.split}
          />
        </div>
      </div>
      <Removed
        inside={inside}
        teacherParameters={teacher.parameters}
        data={facts}
      />
      <Left inside={inside} />
      <Bytes inside={inside} sha256={model.sha256} />
      <Cost inside={inside} teacherErrors={teacher.errors} data={facts} />
      {inside.gaps.length > 0 && (
        <section aria-labelledby="gaps">
          <h2 id="gaps">What this model has none of</h2>
          <ul>
            {inside.gaps.map(({ section, why }) => (
              <li key={section}>{why}</li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
});
