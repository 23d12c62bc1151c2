import { formatBytes, formatCount } from "../../../core/text/format_numbers.ts";
import type { SiteModel } from "../../../site/site_data.ts";
import { MODEL_FAMILIES } from "../model_families.ts";
import type { DrawState } from "./draw_state.ts";
import { formatPercent } from "../format_percent.ts";
import { modelFacts } from "./model_facts.ts";
import { openFile } from "./open_file.ts";

function nameOption({ bytes, accuracy, title }: SiteModel): string {
  const share = formatPercent(accuracy.test, 2);
  return `${formatBytes(bytes)} · ${share} · ${title}`;
}

/** Every model of the site, and a way to open another. */
export function ModelMenu(
  { state, models }: { state: DrawState; models: readonly SiteModel[] },
) {
  const { chosen, choose } = state.choice;
  const { bytes, name, source } = chosen.value;
  const families = [...new Set(models.map(({ family }) => family))];
  return (
    <section>
      <h2>Which model</h2>
      <p>
        <label for="draw-model">Bytes · accuracy · kind</label>
        <select
          id="draw-model"
          data-testid="model"
          value={source === "site" ? name : ""}
          onChange={(event) => {
            const { value } = event.currentTarget;
            const model = models.find(({ name }) => name === value);
            if (model) choose(modelFacts(model));
          }}
        >
          {source !== "site" && (
            <option key={bytes} value="" disabled>
              {formatCount(bytes)} bytes · from a {source}
            </option>
          )}
          {families.map((family) => (
            <optgroup key={family} label={MODEL_FAMILIES[family]}>
              {models.filter((model) =>
                model.family === family
              )
                .map((model) => (
                  <option key={model.name} value={model.name}>
                    {nameOption(model)}
                  </option>
                ))}
            </optgroup>
          ))}
        </select>
      </p>
      <p>
        {source === "site"
          ? <a href={`/inside?model=${name}`}>Look inside this model</a>
          : name
          ? <bdi class="notranslate">{name}</bdi>
          : <span>Nothing was asked of the server for it.</span>}
      </p>
      <p class="row">
        <label class="button" for="draw-file">Open a .dram file</label>
        <input
          id="draw-file"
          class="visually-hidden"
          type="file"
          accept=".dram"
          data-testid="file"
          onChange={(event) => {
            const [file] = event.currentTarget.files ?? [];
            if (file) openFile(state, file);
            event.currentTarget.value = ""; // The same file may be opened again.
          }}
        />
        <span class="note">or drop one anywhere on this page</span>
      </p>
    </section>
  );
}
