import {
  BACKEND_CHOICES,
  BACKEND_TITLES,
  type BackendChoice,
  type BackendName,
} from "./backend.ts";
import { formatLatency } from "./format_latency.ts";
import { medianLatency } from "./median_latency.ts";
import type { Recogniser } from "./recogniser.ts";

const NAMES: BackendName[] = ["cpu", "wasm", "webgpu"];

/** What computes the predictions and why, how fast it is, and a menu to choose another. */
export function BackendMenu({ recogniser }: { recogniser: Recogniser }) {
  const { backend, choice, latencies, reason } = recogniser;
  const medians = NAMES.flatMap((name) => {
    const median = medianLatency(latencies.value[name]);
    return median === null
      ? []
      : [`${BACKEND_TITLES[name]} ${formatLatency(median)}`];
  });
  return (
    <section>
      <h2>Where it runs</h2>
      <p>
        <label for="draw-backend">Computed by</label>
        <select
          id="draw-backend"
          value={choice.value}
          onChange={(event) =>
            recogniser.choose(event.currentTarget.value as BackendChoice)}
        >
          {BACKEND_CHOICES.map((each) => (
            <option key={each} value={each}>
              {each === "auto" ? "Automatic" : BACKEND_TITLES[each]}
            </option>
          ))}
        </select>
      </p>
      <dl class="facts">
        <dt>In use</dt>
        <dd
          class="notranslate"
          data-testid="backend"
          data-backend={backend.value}
        >
          {BACKEND_TITLES[backend.value]}
        </dd>
        <dt>Median</dt>
        <dd class="draw-latency notranslate" data-testid="latency">
          {medians.join(" · ") || "no prediction yet"}
        </dd>
        <dt>Why</dt>
        <dd class="draw-reason" data-testid="reason">
          <span key={reason.value}>{`${reason.value}.`}</span>
        </dd>
      </dl>
    </section>
  );
}
