import { formatCount } from "../../../core/text/format_numbers.ts";
import { formatPercent } from "../format_percent.ts";
import type { ModelFacts } from "./model_facts.ts";

/** The models that the slider stops at, for who can't move it. */
export function StopTable(
  { stops, caption }: { stops: readonly ModelFacts[]; caption: string },
) {
  return (
    <table>
      <caption>{caption}</caption>
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
  );
}
