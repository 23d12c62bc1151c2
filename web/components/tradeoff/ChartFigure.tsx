import type { SiteChart } from "../../../site/charts/site_chart.ts";

/** A chart with its title and caption, for a wide column and for a phone. */
export function ChartFigure({ chart }: { chart: SiteChart }) {
  const { name, title, caption, wide, narrow } = chart;
  return (
    <figure id={name}>
      <h2>{title}</h2>
      <div
        class="chart-frame chart-wide"
        dangerouslySetInnerHTML={{ __html: wide }}
      />
      <div
        class="chart-frame chart-narrow"
        dangerouslySetInnerHTML={{ __html: narrow }}
      />
      <figcaption>{caption}</figcaption>
    </figure>
  );
}
