import { UNKNOWN_SPLIT } from "../../core/report/results_table.ts";
import { formatCount } from "../../core/text/format_numbers.ts";
import { listSitePoints } from "../../site/charts/site_points.ts";
import type { PointKind } from "../../site/charts/site_point.ts";
import { ChartFigure } from "../components/tradeoff/ChartFigure.tsx";
import { Findings } from "../components/tradeoff/Findings.tsx";
import { Lede } from "../components/tradeoff/Lede.tsx";
import { roundTarget } from "../components/tradeoff/target_range.ts";
import { TrialTable } from "../components/tradeoff/TrialTable.tsx";
import { define } from "../define.ts";
import Tradeoff from "../islands/Tradeoff.tsx";
import { data, models, study } from "../site_study.ts";
import charts from "../static/data/charts.json" with { type: "json" };

const { dataset, teacher } = study.result;
const points = listSitePoints(study, models);

function listKinds(...kinds: PointKind[]) {
  return points.filter(({ kind }) => kinds.includes(kind));
}

/** The tradeoff between size and accuracy: charts, findings, tables. */
export default define.page(function TradeoffPage({ url }) {
  const asked = url.searchParams.get("target");
  const start = roundTarget(asked ? Number(asked) : NaN);
  return (
    <div class="tradeoff">
      <h1>What each byte buys</h1>
      <Lede points={points} />
      {teacher.split === "unknown" && <p class="note">{UNKNOWN_SPLIT}</p>}
      <div class="tradeoff-columns">
        <Tradeoff points={points} start={start} />
        <div class="tradeoff-charts">
          {charts.map((chart) => (
            <ChartFigure key={chart.name} chart={chart} />
          ))}
        </div>
      </div>
      <h2 id="findings">What the study found</h2>
      <Findings study={study} points={points} />
      <h2 id="data">The data</h2>
      <p>
        {`${data.title}: ${formatCount(dataset.train)} images to train, ${
          formatCount(dataset.validation)
        } to choose by, ${formatCount(dataset.test)} to report. `}
        Accuracies are shares of images. Every choice was made on validation
        images; test images are only reported. The same as{" "}
        <a href="/api/study.csv" download="study.csv">CSV</a>,{" "}
        <a href="/api/study">JSON</a>, and the{" "}
        <a href="/api/models">models as JSON</a>.
      </p>
      <TrialTable
        name="Files"
        caption="Bytes are those of the whole file; the teacher's, of its parameters as float32."
        points={listKinds("file", "teacher")}
      />
      <TrialTable
        name="Students of the sweep, means over seeds"
        caption="Bytes are those of all parameters as float32."
        points={listKinds("group")}
      />
      <TrialTable
        name="Students of the sweep, one by one"
        caption="Bytes are those of all parameters as float32."
        points={listKinds("student")}
      />
      {study.published.length > 0 && (
        <TrialTable
          name="Published models"
          caption="Sizes and test accuracies as published."
          points={listKinds("published")}
        />
      )}
    </div>
  );
});
