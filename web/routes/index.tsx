import { HttpError } from "fresh";
import { canBeDrawn, nameTestImages } from "../components/data_facts.ts";
import { modelFacts } from "../components/draw/model_facts.ts";
import { sliderStops } from "../components/draw/slider_stops.ts";
import { StopTable } from "../components/draw/StopTable.tsx";
import { define } from "../define.ts";
import Draw from "../islands/Draw.tsx";
import { data, DEFAULT_MODEL, models } from "../site_study.ts";

const stops = sliderStops(models);
const caption = `Length of the whole file, and the share of ${
  nameTestImages(data)
} that it reads correctly.`;

/** Draw a digit; a model of some hundred bytes reads it. */
export default define.page(function DrawPage({ url }) {
  const name = url.searchParams.get("model") ?? DEFAULT_MODEL;
  const model = models.find((each) => each.name === name);
  if (!model) throw new HttpError(404, `There is no model ${name}`);
  if (!canBeDrawn(data)) {
    return (
      <>
        <h1>Nothing to draw here</h1>
        <p class="lede">
          A drawing is an image of 28×28 grey pixels. The models of this site
          read images of {data.title}, of {data.shape.join("×")}: see what they
          {" "}
          <a href="/tradeoff">trade</a> and have <a href="/inside">inside</a>.
        </p>
        <StopTable stops={stops} caption={caption} />
      </>
    );
  }
  return (
    <>
      <Draw
        first={modelFacts(model)}
        stops={stops}
        usual={DEFAULT_MODEL}
        data={data}
      />
      <noscript>
        <p class="alert">
          Drawing needs JavaScript: the model runs in your browser, and nowhere
          else. These are the models that would read your{" "}
          {data.digits ? "digit" : "drawing"}.
        </p>
        <StopTable stops={stops} caption={caption} />
      </noscript>
    </>
  );
});
