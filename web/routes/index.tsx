import { HttpError } from "fresh";
import type { SiteModel } from "../../core/site/site_data.ts";
import { formatCount } from "../../core/report/format_numbers.ts";
import { formatPercent } from "../components/format_percent.ts";
import { modelFacts } from "../components/draw/model_facts.ts";
import { sliderStops } from "../components/draw/slider_stops.ts";
import { DEFAULT_MODEL } from "../default_model.ts";
import { define } from "../define.ts";
import Draw from "../islands/Draw.tsx";
import site from "../static/data/models.json" with { type: "json" };

const models = site.models as SiteModel[];
const stops = sliderStops(models);

/** Draw a digit; a model of some hundred bytes reads it. */
export default define.page(function DrawPage({ url }) {
  const name = url.searchParams.get("model") ?? DEFAULT_MODEL;
  const model = models.find((each) => each.name === name);
  if (!model) throw new HttpError(404, `There is no model ${name}`);
  return (
    <>
      <Draw first={modelFacts(model)} stops={stops} />
      <noscript>
        <p class="alert">
          Drawing needs JavaScript: the model runs in your browser, and nowhere
          else. These are the models that would read your digit.
        </p>
        <table>
          <caption>
            Length of the whole file, and the share of MNIST’s test images that
            it reads correctly.
          </caption>
          <thead>
            <tr>
              <th class="number">Bytes</th>
              <th class="number">Accuracy</th>
              <th class="number">Parameters</th>
            </tr>
          </thead>
          <tbody>
            {stops.map((model) => (
              <tr key={model.name}>
                <td class="number">{formatCount(model.bytes)}</td>
                <td class="number">{formatPercent(model.test, 2)}</td>
                <td class="number">{formatCount(model.parameters)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </noscript>
    </>
  );
});
