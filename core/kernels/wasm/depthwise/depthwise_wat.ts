import {
  add,
  advance,
  countDown,
  get,
  i32,
  integers,
  multiply,
  multiplyAdd,
  parameters,
  range,
  set,
  vectors,
} from "../wat/text.ts";

/** What the functions of a depthwise convolution are generated for. */
export interface DepthwiseSpec {
  /** Rows and columns of a window. */
  window: [number, number];
  channels: number;
  /** Whether products are added by relaxed_madd. */
  fused: boolean;
}

/** Pixels at once: as many sums run side by side as hide an addition's latency. */
const PIXELS = 4;

/** Taps at once of a filter's gradient: their sums stay in registers. */
const TAPS = 10;

const ZERO = "(v128.const i32x4 0 0 0 0)";

/** Channels as they lie in a packed filter: whole vectors, zeros at the end. */
export function packedChannels(channels: number): number {
  return 4 * Math.ceil(channels / 4);
}

/** The place `[row, column]` of each tap of a window. */
function tapsOf([rows, columns]: [number, number]): [number, number][] {
  return range(rows).flatMap((row) =>
    range(columns).map((column): [number, number] => [row, column])
  );
}

/** Writes the first `lanes` lanes of `value` at `pointer`. */
function store(
  pointer: string,
  offset: number,
  value: string,
  lanes: number,
): string {
  if (lanes === 4) return `(v128.store offset=${offset} ${pointer} ${value})`;
  return range(lanes).map((lane) =>
    `(v128.store32_lane offset=${
      offset + 4 * lane
    } ${lane} ${pointer} ${value})`
  ).join("\n");
}

/** The sums of `pixels` neighbouring windows for four channels. */
function sums(spec: DepthwiseSpec, pixels: number, lanes: number): string {
  const { window, channels, fused } = spec;
  const packed = packedChannels(channels);
  const at = (pixel: number) => `p${pixel}`;
  const step = (pixel: number) =>
    add(get("from"), multiply(get("columnStep"), i32(pixel)));
  const row = (i: number) =>
    range(window[1]).map((j) => {
      const tap = i * window[1] + j;
      return [
        set("w", `(v128.load offset=${4 * packed * tap} ${get("filter")})`),
        ...range(pixels).map((pixel) => {
          const x = `(v128.load offset=${4 * channels * j} ${get(at(pixel))})`;
          const sum = get(`s${pixel}`);
          return set(`s${pixel}`, multiplyAdd(x, get("w"), sum, fused));
        }),
      ].join("\n");
    });
  return [
    ...range(pixels).flatMap((pixel) => [
      set(`s${pixel}`, ZERO),
      set(at(pixel), step(pixel)),
    ]),
    ...range(window[0]).flatMap((i) => [
      ...row(i),
      ...range(pixels).map((pixel) => advance(at(pixel), get("rowBytes"))),
    ]),
    ...range(pixels).map((pixel) =>
      store(get("to"), 4 * channels * pixel, get(`s${pixel}`), lanes)
    ),
    set("from", step(pixels)),
    advance("to", i32(4 * channels * pixels)),
  ].join("\n");
}

const STRIP = ["from", "filter", "to", "columns", "columnStep", "rowBytes"];

/** A function over a row of windows, for four channels of which `lanes` exist. */
function strip(spec: DepthwiseSpec, lanes: number): string {
  return `(func $strip${lanes} ${parameters(...STRIP)}
    ${integers(...range(PIXELS).map((pixel) => `p${pixel}`))}
    ${vectors("w", ...range(PIXELS).map((pixel) => `s${pixel}`))}
    ${countDown("wide", "columns", PIXELS, sums(spec, PIXELS, lanes))}
    ${countDown("single", "columns", 1, sums(spec, 1, lanes))})`;
}

/** Adds one group of taps' products over all windows, for four channels. */
function addTaps(spec: DepthwiseSpec, taps: [number, number][]): string {
  const { window, channels, fused } = spec;
  const packed = packedChannels(channels);
  const rows = [...new Set(taps.map(([row]) => row))];
  const offset = ([row, column]: [number, number]) =>
    4 * packed * (row * window[1] + column);
  const pixel = [
    set("g", `(v128.load ${get("gradient")})`),
    ...taps.map(([row, column], tap) => {
      const x = `(v128.load offset=${4 * channels * column} ${get(`r${row}`)})`;
      return set(`s${tap}`, multiplyAdd(x, get("g"), get(`s${tap}`), fused));
    }),
    ...rows.map((row) => advance(`r${row}`, get("columnStep"))),
    advance("gradient", i32(4 * channels)),
  ];
  const line = [
    ...rows.map((row) =>
      set(`r${row}`, add(get("line"), multiply(get("rowBytes"), i32(row))))
    ),
    set("column", get("columns")),
    countDown(`column${offset(taps[0])}`, "column", 1, pixel.join("\n")),
    advance("line", get("rowStep")),
  ];
  return [
    ...taps.map((tap, index) =>
      set(`s${index}`, `(v128.load offset=${offset(tap)} ${get("filter")})`)
    ),
    set("line", get("from")),
    set("gradient", get("dy")),
    set("row", get("rows")),
    countDown(`row${offset(taps[0])}`, "row", 1, line.join("\n")),
    ...taps.map((tap, index) =>
      store(get("filter"), offset(tap), get(`s${index}`), 4)
    ),
  ].join("\n");
}

/**
 * A module of two functions on one image, whose rows are `rowBytes` apart, and
 * whose windows lie `rowStep` bytes down and `columnStep` bytes across.
 *
 * `correlate`: writes to `to` y[v, u, c] = Σᵢ,ⱼ x[v·s + i, u·t + j, c] · w[i, j, c].
 * `addGradient`: adds to `filter` dw[i, j, c] = Σᵥ,ᵤ x[v·s + i, u·t + j, c] · dy[v, u, c].
 *
 * Filters are packed, `[kh, kw, packedChannels]`. Where channels are no multiple
 * of four, x and dy are read up to 12 bytes beyond their end. Loop order: rows of
 * windows and channels by 4, then windows; for the gradient channels by 4, taps
 * by 10, then windows.
 */
export function depthwiseModule(spec: DepthwiseSpec): string {
  const { window, channels } = spec;
  const taps = tapsOf(window);
  const groups = range(Math.ceil(taps.length / TAPS)).map((group) =>
    taps.slice(group * TAPS, (group + 1) * TAPS)
  );
  const rest = channels % 4;
  const call = (lanes: number) =>
    `(call $strip${lanes} ${get("at")} ${get("w")} ${get("out")}
      ${get("columns")} ${get("columnStep")} ${get("rowBytes")})`;
  const vector = [
    call(4),
    ...["at", "w", "out"].map((p) => advance(p, i32(16))),
  ];
  const row = [
    set("at", get("from")),
    set("w", get("filter")),
    set("out", get("to")),
    set("left", i32(channels)),
    countDown("vector", "left", 4, vector.join("\n")),
    rest ? call(rest) : "",
    advance("from", get("rowStep")),
    advance("to", multiply(get("columns"), i32(4 * channels))),
  ];
  const walk = ["rows", "columns", "rowStep", "columnStep", "rowBytes"];
  const gathered = [
    ...groups.map((group) => addTaps(spec, group)),
    ...["from", "dy", "filter"].map((pointer) => advance(pointer, i32(16))),
  ];
  return `(module (import "env" "memory" (memory 1))
    ${
    [4, ...(rest ? [rest] : [])].map((lanes) => strip(spec, lanes)).join("\n")
  }
    (func (export "correlate") ${parameters("from", "filter", "to", ...walk)}
      ${integers("at", "w", "out", "left")}
      ${countDown("row", "rows", 1, row.join("\n"))})
    (func (export "addGradient") ${parameters("from", "dy", "filter", ...walk)}
      ${integers("left", "row", "column", "line", "gradient")}
      ${integers(...range(window[0]).map((i) => `r${i}`))}
      ${vectors("g", ...range(TAPS).map((tap) => `s${tap}`))}
      ${set("left", i32(packedChannels(channels)))}
      ${countDown("vector", "left", 4, gathered.join("\n"))}))`;
}
