import type { SiteModel } from "../../../site/site_data.ts";
import {
  formatAccuracy,
  formatCount,
} from "../../../core/text/format_numbers.ts";
import { MODEL_FAMILIES } from "../model_families.ts";

/** Which model to look into: a plain form, which needs no script. */
export function ModelChoice(
  { models, chosen }: { models: SiteModel[]; chosen: string },
) {
  return (
    <form class="row model-choice" action="/inside" method="get">
      <label for="model">Model</label>
      <select id="model" name="model">
        {Object.entries(MODEL_FAMILIES).map(([family, title]) => {
          const members = models.filter((model) => model.family === family);
          return members.length > 0 && (
            <optgroup key={family} label={title}>
              {members.map(({ name, bytes, accuracy }) => (
                <option key={name} value={name} selected={name === chosen}>
                  {name}: {formatCount(bytes)} bytes,{" "}
                  {formatAccuracy(accuracy.test)}
                </option>
              ))}
            </optgroup>
          );
        })}
      </select>
      <button type="submit">Look inside</button>
    </form>
  );
}
