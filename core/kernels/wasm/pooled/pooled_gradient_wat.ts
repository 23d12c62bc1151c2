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

/** What the gradients of a convolution before pooling are generated for. */
export interface PooledGradientSpec {
  /** Rows and columns of a window of the convolution. */
  window: [number, number];
  channels: number;
  /** Whether products are added by relaxed_madd. */
  fused: boolean;
}

/** Vectors of a filter at once: they stay in registers. */
const VECTORS = 12;

/** Vectors that hold a row of a window, the last of which may be filled up. */
export function vectorsOfRow(
  { window, channels }: Pick<PooledGradientSpec, "window" | "channels">,
): number {
  return Math.ceil(window[1] * channels / 4);
}

/** A vector of a filter: the row of the window, and the vector in the row. */
type Place = [row: number, vector: number];

/** The vectors of a filter in groups that fit into registers. */
function groupsOf(spec: PooledGradientSpec): Place[][] {
  const perRow = vectorsOfRow(spec);
  const places = range(spec.window[0]).flatMap((row) =>
    range(perRow).map((vector): Place => [row, vector])
  );
  // Whole rows where they fit.
  const size = perRow > VECTORS ? VECTORS : VECTORS - VECTORS % perRow;
  return range(Math.ceil(places.length / size)).map((group) =>
    places.slice(group * size, (group + 1) * size)
  );
}

/**
 * Writes the list of a filter's winners: bytes from an image's start to the
 * winner's window, and its gradient, where that isn't 0. Without a branch: which
 * units are active can't be foretold.
 */
const COLLECT = [
  set("end", get("list")),
  set("gNow", get("g")),
  set("wonNow", get("winner")),
  set("band", i32(0)),
  set("row", get("rows")),
  countDown(
    "row",
    "row",
    1,
    [
      set("position", get("band")),
      set("column", get("columns")),
      countDown(
        "column",
        "column",
        1,
        [
          set("value", `(f32.load ${get("gNow")})`),
          `(i32.store ${get("end")} ${
            add(
              get("position"),
              `(i32.load ${
                add(
                  get("table"),
                  `(i32.shl (i32.load ${get("wonNow")}) ${i32(2)})`,
                )
              })`,
            )
          })`,
          `(f32.store offset=4 ${get("end")} ${get("value")})`,
          advance(
            "end",
            `(i32.shl (f32.ne ${get("value")} (f32.const 0)) ${i32(3)})`,
          ),
          advance("gNow", get("filterStride")),
          advance("wonNow", get("filterStride")),
          advance("position", get("columnBytes")),
        ].join("\n"),
      ),
      advance("band", get("bandBytes")),
    ].join("\n"),
  ),
].join("\n");

/** `body` for every entry of the list, whose pointers to rows of `image` are set. */
function forEachEntry(
  label: string,
  image: string,
  group: Place[],
  body: string[],
): string {
  const rows = [...new Set(group.map(([row]) => row))];
  const pointers = rows.map((row) =>
    set(
      `r${row}`,
      row === rows[0]
        ? add(
          add(get(image), `(i32.load ${get("entry")})`),
          multiply(get("rowBytes"), i32(row)),
        )
        : add(get(`r${row - 1}`), get("rowBytes")),
    )
  );
  return [
    set("entry", get("list")),
    `(block $${label}End (loop $${label}
      (br_if $${label}End (i32.ge_u ${get("entry")} ${get("end")}))`,
    ...pointers,
    set("factor", `(v128.load32_splat offset=4 ${get("entry")})`),
    ...body,
    advance("entry", i32(8)),
    `(br $${label})))`,
  ].join("\n");
}

/** The address of a vector of a group, in an image. */
function inImage([row, vector]: Place): string {
  return `offset=${16 * vector} ${get(`r${row}`)}`;
}

/**
 * A module of one function, `gradients`, on one image whose rows are `rowBytes`
 * apart. Of its windows only some count: those that won a pool, `rows` × `columns`
 * for each of `filters`. The pool's (v, u) has gradient g[v, u, f] at `g`, and
 * its winner's number at `winner`, by which `table` tells where that window begins,
 * in bytes from the pool's first, at v·`bandBytes` + u·`columnBytes`.
 *
 * Adds to `dw`, packed `[f, kh, vectors, 4]`, Σᵥ,ᵤ g[v, u, f] · x[winner + (i, j, c)];
 * and, unless `dx` is 0, to dx[winner + (i, j, c)], g[v, u, f] · w[f, i, j, c], with
 * `w` packed alike and filled up with zeros. `list` has room for 8 bytes a pool.
 *
 * Both images are read, and dx written, up to 12 bytes beyond the end of a row.
 * Loop order: filters, vectors of the filter by 12, winners with a gradient.
 */
export function pooledGradientModule(spec: PooledGradientSpec): string {
  const { window, fused } = spec;
  const perRow = vectorsOfRow(spec);
  const bytes = 16 * perRow * window[0];
  const inFilter = ([row, vector]: Place, pointer: string) =>
    `offset=${16 * (row * perRow + vector)} ${get(pointer)}`;
  const ofFilter = groupsOf(spec).map((group, number) =>
    [
      ...group.map((place, index) =>
        set(`s${index}`, `(v128.load ${inFilter(place, "dw")})`)
      ),
      forEachEntry(
        `filter${number}`,
        "x",
        group,
        group.map((place, index) => {
          const x = `(v128.load ${inImage(place)})`;
          const sum = get(`s${index}`);
          return set(`s${index}`, multiplyAdd(x, get("factor"), sum, fused));
        }),
      ),
      ...group.map((place, index) =>
        `(v128.store ${inFilter(place, "dw")} ${get(`s${index}`)})`
      ),
    ].join("\n")
  );
  const ofInput = groupsOf(spec).map((group, number) =>
    [
      ...group.map((place, index) =>
        set(`s${index}`, `(v128.load ${inFilter(place, "w")})`)
      ),
      forEachEntry(
        `input${number}`,
        "dx",
        group,
        group.map((place, index) => {
          const sum = `(v128.load ${inImage(place)})`;
          const value = multiplyAdd(
            get(`s${index}`),
            get("factor"),
            sum,
            fused,
          );
          return `(v128.store ${inImage(place)} ${value})`;
        }),
      ),
    ].join("\n")
  );
  return `(module (import "env" "memory" (memory 1))
    (func (export "gradients")
      ${parameters("x", "dx", "g", "winner", "dw", "w", "list", "table")}
      ${parameters("filters", "rows", "columns")}
      ${parameters("bandBytes", "columnBytes", "rowBytes")}
      ${integers("filterStride", "end", "entry", "gNow", "wonNow")}
      ${integers("band", "position", "row", "column")}
      ${integers(...range(window[0]).map((row) => `r${row}`))}
      (local $value f32)
      ${vectors("factor", ...range(VECTORS).map((vector) => `s${vector}`))}
      ${set("filterStride", multiply(get("filters"), i32(4)))}
      ${
    countDown(
      "filter",
      "filters",
      1,
      `${COLLECT}
      ${ofFilter.join("\n")}
      (if ${get("dx")} (then ${ofInput.join("\n")}))
      ${advance("g", i32(4))}
      ${advance("winner", i32(4))}
      ${advance("dw", i32(bytes))}
      ${advance("w", i32(bytes))}`,
    )
  }))`;
}
