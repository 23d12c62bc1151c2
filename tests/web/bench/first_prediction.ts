/**
 * How long a visitor waits from navigation to the first prediction: the front page,
 * beside pages that do the same with stock tfjs. A profile without a cache each
 * time, in turn, so that whatever else the machine does meets all alike.
 *
 * @module
 */
import { summariseRuns } from "../../../bench/summarise_runs.ts";
import { rasteriseStrokes } from "../../../core/data/drawing/rasterise_strokes.ts";
import { load } from "../../../core/infer/load.ts";
import { launchChromium } from "../browser/chromium.ts";
import { serveSite } from "../browser/serve_site.ts";
import { buildStock, STOCK_PAGES } from "./stock/build_stock.ts";
import { serveStock } from "./stock/serve_stock.ts";
import { type Line, timePage, type Visit } from "./time_page.ts";

const DRAM = new URL("../../../models/compact/digits-99.dram", import.meta.url);
/** Visits of each page that count. */
const RUNS = 5;

/** A seven, in canvas units. */
const POINTS = [
  ...Array.from({ length: 7 }, (_, i) => ({ x: 7 + 2 * i, y: 6 })),
  ...Array.from({ length: 8 }, (_, i) => ({ x: 19 - i, y: 6 + 2.4 * (i + 1) })),
];

const LINES: Line[] = [
  { name: "this machine", bitsPerSecond: -1, latency: 0 },
  { name: "10 Mbit/s, 40 ms", bitsPerSecond: 10e6, latency: 40 },
];

/** What one page took over one line. */
export interface FirstPrediction {
  line: string;
  page: string;
  backend: string;
  /** Milliseconds: the middle of some visits, and how far they spread. */
  median_ms: number;
  min_ms: number;
  max_ms: number;
  /** Bytes that came until the prediction was shown: the middle. */
  transferred: number;
  /** This page's median over the front page's. */
  ratio: number;
}

/** The digit that both are to give, and the image that stock tfjs takes. */
async function expectation(): Promise<
  { dram: Uint8Array; image: Float32Array; digit: string }
> {
  const dram = await Deno.readFile(DRAM);
  const image = rasteriseStrokes([{ points: POINTS }]);
  if (!image) throw new Error("Cannot time pages: the drawing is empty");
  const { classes } = load(dram).classify(image);
  return { dram, image, digit: String(classes[0]) };
}

/** Visits all pages over `line`, in turn, `RUNS` times after a first. */
async function visitPages(
  pages: [name: string, url: string][],
  line: Line,
  digit: string,
): Promise<Map<string, Visit[]>> {
  const visits = new Map<string, Visit[]>(pages.map(([name]) => [name, []]));
  const browser = await launchChromium({ webgpu: false });
  try {
    for (let run = 0; run <= RUNS; run++) {
      for (const [name, url] of pages) {
        const visit = await timePage(browser, url, { line, points: POINTS });
        if (visit.answer !== digit) {
          throw new Error(
            `Cannot compare: ${name} must say ${digit}: it says ${visit.answer}`,
          );
        }
        if (run > 0) visits.get(name)?.push(visit);
      }
    }
  } finally {
    await browser.close();
  }
  return visits;
}

function summarise(
  line: string,
  visits: Map<string, Visit[]>,
): FirstPrediction[] {
  const rows = [...visits].map(([page, all]) => {
    const { median_ms, min_ms, max_ms } = summariseRuns(
      all.map(({ milliseconds }) => milliseconds),
    );
    const transferred = summariseRuns(all.map((each) => each.transferred));
    return {
      line,
      page,
      backend: all[0].backend ?? "plain TypeScript",
      median_ms,
      min_ms,
      max_ms,
      transferred: transferred.median_ms,
    };
  });
  return rows.map((row) => ({
    ...row,
    ratio: row.median_ms / rows[0].median_ms,
  }));
}

function formatRow(row: FirstPrediction): string {
  const ms = (value: number) => `${Math.round(value)}`.padStart(7);
  const kB = (row.transferred / 1000).toFixed(1).padStart(9);
  return [
    row.line.padEnd(17),
    row.page.padEnd(15),
    row.backend.padEnd(17),
    ms(row.median_ms),
    ms(row.min_ms),
    ms(row.max_ms),
    kB,
    row.ratio.toFixed(1).padStart(6),
  ].join(" ");
}

if (import.meta.main) {
  const { dram, image, digit } = await expectation();
  const site = await serveSite();
  const { headers, body } = await fetch(`${site.origin}/`);
  await body?.cancel();
  const stock = serveStock(await buildStock(dram, image), headers);
  const pages: [string, string][] = [
    ["the front page", `${site.origin}/`],
    ...STOCK_PAGES.map((name): [string, string] => [
      `stock, ${name}`,
      `${stock.origin}/${name}`,
    ]),
  ];
  const rows: FirstPrediction[] = [];
  for (const line of LINES) {
    rows.push(...summarise(line.name, await visitPages(pages, line, digit)));
  }
  await stock.stop();
  await site.stop();
  const header =
    "line              page            predicts by        median     min     max       kB  ratio";
  console.log(
    Deno.args.includes("--json")
      ? JSON.stringify(rows, null, 2)
      : [header, ...rows.map(formatRow)].join("\n"),
  );
}
