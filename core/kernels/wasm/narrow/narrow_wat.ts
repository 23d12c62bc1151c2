import {
  add,
  advance,
  countDown,
  get,
  i32,
  integers,
  lesser,
  multiply,
  multiplyAdd,
  parameters,
  range,
  set,
  subtract,
  vectors,
} from "../wat/text.ts";

/** What a convolution with few filters is generated for. */
export interface NarrowSpec {
  /** Numbers in a row of a window. */
  run: number;
  /** Filters, at most {@linkcode MOST_FILTERS}. */
  filters: number;
  /** Whether products are added by relaxed_madd. */
  fused: boolean;
}

/** More filters than this don't fit into registers beside enough windows. */
export const MOST_FILTERS = 12;

/** Windows at once, by vectors of filters: fifteen registers hold all of a step. */
const WINDOWS = [0, 6, 4, 3];

const ZERO = "(v128.const i32x4 0 0 0 0)";

/** Filters as they lie in a packed matrix: whole vectors, zeros at the end. */
export function packedFilters(filters: number): number {
  return 4 * Math.ceil(filters / 4);
}

/** Adds the products of number `k` of a row of each window. */
function addProducts(
  { filters, fused }: NarrowSpec,
  windows: number,
  k: number,
): string {
  const width = packedFilters(filters) / 4;
  return [
    ...range(width).map((vector) => {
      const offset = 16 * (k * width + vector);
      return set(
        `w${vector}`,
        `(v128.load offset=${offset} ${get("weights")})`,
      );
    }),
    ...range(windows).flatMap((window) => [
      set("f", `(v128.load32_splat offset=${4 * k} ${get(`p${window}`)})`),
      ...range(width).map((vector) => {
        const sum = `s${window}_${vector}`;
        const w = get(`w${vector}`);
        return set(sum, multiplyAdd(get("f"), w, get(sum), fused));
      }),
    ]),
  ].join("\n");
}

/** Writes the filters of the window number `window`. */
function storeFilters(filters: number, window: number): string {
  return range(packedFilters(filters) / 4).flatMap((vector) => {
    const at = 4 * (window * filters + 4 * vector);
    const value = get(`s${window}_${vector}`);
    const lanes = Math.min(4, filters - 4 * vector);
    if (lanes === 4) {
      return `(v128.store offset=${at} ${get("target")} ${value})`;
    }
    return range(lanes).map((lane) =>
      `(v128.store32_lane offset=${at + 4 * lane} ${lane} ${
        get("target")
      } ${value})`
    );
  }).join("\n");
}

/** The sums of `windows` windows, the first of which is number `$first`. */
function sums(spec: NarrowSpec, windows: number): string {
  const { run, filters } = spec;
  const width = packedFilters(filters) / 4;
  const entry = add(get("table"), multiply(get("first"), i32(4)));
  const row = [
    ...range(run).map((k) => addProducts(spec, windows, k)),
    ...range(windows).map((window) => advance(`p${window}`, get("rowBytes"))),
    advance("weights", i32(16 * width * run)),
  ];
  return [
    ...range(windows).flatMap((window) => [
      set(
        `p${window}`,
        add(get("from"), `(i32.load offset=${4 * window} ${entry})`),
      ),
      ...range(width).map((vector) => set(`s${window}_${vector}`, ZERO)),
    ]),
    set("weights", get("filter")),
    set("row", get("rows")),
    countDown(`row${windows}`, "row", 1, row.join("\n")),
    set(
      "target",
      add(get("to"), multiply(get("first"), i32(4 * filters))),
    ),
    ...range(windows).map((window) => storeFilters(filters, window)),
  ].join("\n");
}

/**
 * A module of one function, `convolve`: for `count` windows, of `rows` rows that
 * are `rowBytes` apart, the first of which begins at `from` + `table`[n] bytes,
 * writes y[n, f] = Σₖ x[n, k] · w[k, f] to `to`; w, packed `[k, packedFilters]`, is at
 * `filter`.
 *
 * Loop order: windows by a few, k. The last few may overlap those before them.
 */
export function narrowModule(spec: NarrowSpec): string {
  const width = packedFilters(spec.filters) / 4;
  const windows = WINDOWS[width];
  const last = subtract(get("count"), i32(windows));
  const ahead = [
    set("first", lesser(get("next"), last)),
    sums(spec, windows),
    advance("next", i32(windows)),
  ];
  return `(module (import "env" "memory" (memory 1))
    (func (export "convolve")
      ${
    parameters("from", "table", "filter", "to", "count", "rows", "rowBytes")
  }
      ${integers("first", "next", "left", "weights", "row", "target")}
      ${integers(...range(windows).map((window) => `p${window}`))}
      ${
    vectors(
      "f",
      ...range(width).map((vector) => `w${vector}`),
      ...range(windows).flatMap((window) =>
        range(width).map((vector) => `s${window}_${vector}`)
      ),
    )
  }
      (if (i32.lt_s ${get("count")} ${i32(windows)})
        (then
          ${set("left", get("count"))}
          ${
    countDown(
      "single",
      "left",
      1,
      `${sums(spec, 1)} ${advance("first", i32(1))}`,
    )
  })
        (else
          ${set("left", add(get("count"), i32(windows - 1)))}
          ${countDown("several", "left", windows, ahead.join("\n"))}))))`;
}
