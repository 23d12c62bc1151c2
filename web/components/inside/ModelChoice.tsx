import type { ModelFamily, SiteModel } from "../../../core/site/site_data.ts";
import { formatCount } from "../../../core/report/format_numbers.ts";

const FAMILIES: [ModelFamily, string][] = [
  ["compact", "Compact students"],
  ["student", "The seed experiment's students"],
  ["deep-compression", "Deep Compression"],
  ["teacher", "The teacher"],
];

/** Which model to look into: a plain form, which needs no script. */
export function ModelChoice(
  { models, chosen }: { models: SiteModel[]; chosen: string },
) {
  return (
    <form class="row model-choice" action="/inside" method="get">
      <label for="model">Model</label>
      <select id="model" name="model">
        {FAMILIES.map(([family, title]) => {
          const members = models.filter((model) => model.family === family);
          return members.length > 0 && (
            <optgroup key={family} label={title}>
              {members.map(({ name, bytes, accuracy }) => (
                <option key={name} value={name} selected={name === chosen}>
                  {name}: {formatCount(bytes)} bytes, {accuracy.test.toFixed(4)}
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
