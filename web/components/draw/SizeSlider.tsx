import { formatBytes, formatCount } from "../../../core/text/format_numbers.ts";
import { nameTestImages } from "../data_facts.ts";
import { describeStop } from "./describe_stop.ts";
import type { DrawState } from "./draw_state.ts";
import { formatPercent } from "../format_percent.ts";
import type { ModelFacts } from "./model_facts.ts";
import { stopOf } from "./stop_of.ts";

/** The model's size, and a slider along the frontier: what each byte buys. */
export function SizeSlider(
  { state, stops }: { state: DrawState; stops: readonly ModelFacts[] },
) {
  const { choice, data, files } = state;
  const { bytes, test, parameters } = choice.chosen.value;
  const stop = stopOf(stops, { bytes });
  const accuracy = test === null
    ? "Its accuracy isn’t known: it came from elsewhere"
    : `Reads ${formatPercent(test, 2)} of ${nameTestImages(data)} correctly`;
  const facts = `${accuracy} · ${formatCount(parameters)} parameters`;
  const smallest = stops[0];
  const largest = stops[stops.length - 1];
  const fetchNeighbours = () => {
    for (
      const { file, bytes } of stops.slice(Math.max(0, stop - 1), stop + 2)
    ) {
      // In advance only: who needs the file asks again, and hears why not.
      files.read(file, bytes).catch(() => {});
    }
  };
  return (
    <section class="draw-size" aria-label="Size of the model">
      <p class="draw-bytes">
        <strong class="notranslate" data-testid="bytes">
          {formatCount(bytes)}
        </strong>{" "}
        bytes
      </p>
      <p class="note">
        <span key={facts}>{facts}</span>
      </p>
      <datalist id="draw-stops">
        {stops.map((_, place) => <option key={place} value={place} />)}
      </datalist>
      <input
        type="range"
        aria-label="Size of the model"
        aria-valuetext={test === null
          ? `${formatCount(bytes)} bytes`
          : describeStop({ bytes, test })}
        list="draw-stops"
        data-testid="slider"
        min="0"
        max={stops.length - 1}
        step="1"
        value={stop}
        onPointerEnter={fetchNeighbours}
        onFocus={fetchNeighbours}
        onInput={(event) => {
          choice.choose(stops[event.currentTarget.valueAsNumber]);
          fetchNeighbours();
        }}
      />
      <p class="draw-ends note" aria-hidden="true">
        <span>{formatBytes(smallest.bytes)}</span>
        <span>{formatBytes(largest.bytes)}</span>
      </p>
    </section>
  );
}
