/**
 * Stages that read all channels: convolutions, and dense layers as those of one window.
 *
 * @module
 */
import {
  advance,
  type Code,
  countDown,
  defineFunction,
  f32,
  type F32x4,
  f32x4,
  type I32,
  i32,
  i32x4,
  lesser,
  named,
  range,
  store,
  storeLanes,
  until,
  type Variable,
  type Vector,
} from "../wasm/code.ts";
import { outputOf, runOf, sizeOf, type Stage, windowsOf } from "./op.ts";
import {
  BACKWARD,
  bendAndPut,
  FORWARD,
  type Plane,
  type StageCode,
  type Surroundings,
  unbendOne,
  unbendPlane,
  vectorsOf,
  walkWindows,
} from "./stage_code.ts";

type Convolution = Stage<"convolution">;

/** Vectors that stay in registers: sums, weights and a factor together. */
const REGISTERS = 15;
/** Sums of one step: fewer wait for each other. */
const CHAINS = 8;

/** Some vectors of filters, and how many pools beside each other are computed at once. */
interface Tile {
  vectors: number[];
  pools: number;
}

/** How filters and pools of `stage` are tiled so that each tile stays in registers. */
function tilesOf(stage: Convolution): Tile[] {
  const vectors = range(vectorsOf(stage.filters));
  const windows = stage.pool[0] * stage.pool[1];
  const [, across] = outputOf(stage);
  const fits = (width: number, pools: number) =>
    pools * windows * width + width + 1 <= REGISTERS;
  const width = [3, 2, 1].find((width) => fits(width, 1)) ?? 1;
  const tiles: Tile[] = [];
  for (let first = 0; first < vectors.length; first += width) {
    const own = vectors.slice(first, first + width);
    const cost = (pools: number) =>
      Math.ceil(across / pools) *
      Math.max(CHAINS, pools * windows * own.length);
    const pools = range(across).map((index) => index + 1)
      .filter((pools) => pools === 1 || fits(own.length, pools))
      .reduce((best, pools) => cost(pools) < cost(best) ? pools : best);
    tiles.push({ vectors: own, pools });
  }
  return tiles;
}

/**
 * What a stage makes of one image at `x`: y `[v, u, f]` at `y`, and at `winner`, where there are
 * pools, the number of each one's first largest window. The filter, packed `[kh, run,
 * vectors, 4]` and filled up with zeros, is at `filter`, the bias at `bias`.
 *
 * Up to 12 bytes are written beyond the end of y and of the winners. Loop order: filters by a
 * few vectors, v, u by a few pools, rows of a window, numbers of a row.
 */
function forwardFunction(
  stage: Convolution,
  around: Surroundings,
) {
  const { index, read, made, fused } = around;
  const { window, strides, filters, activation, pool } = stage;
  const [down, across] = outputOf(stage);
  const run = runOf(stage);
  const all = vectorsOf(filters);
  const rowBytes = read.row;
  const columnBytes = strides[1] * read.pixel;
  const pooled = pool[0] * pool[1] > 1;
  const tiles = tilesOf(stage);
  return defineFunction(
    `forward${index}`,
    FORWARD,
    ({ x, y, winner, filter, bias }, scope) => {
      const { band, row, left, next, first, at, weights, line, to, won } = scope
        .locals(
          named(
            i32,
            "band",
            "row",
            "left",
            "next",
            "first",
            "at",
            "weights",
            "line",
            "to",
            "won",
          ),
        );
      const { target, best } = scope.locals({ target: i32, best: f32x4 });
      const { factor, number } = scope.locals({ factor: f32x4, number: i32x4 });
      const w = scope.array("w", 3, f32x4);
      const allSums = scope.array("s", REGISTERS, f32x4);
      /** The windows of `pools` pools beside each other: bytes from the first one's. */
      const windowsOf = (pools: number) =>
        range(pools).map((u) =>
          range(pool[0]).flatMap((a) =>
            range(pool[1]).map((b) =>
              a * strides[0] * rowBytes + (u * pool[1] + b) * columnBytes
            )
          )
        );
      const tile = ({ vectors, pools }: Tile) => {
        const places = windowsOf(pools);
        const size = places[0].length * vectors.length;
        /** The sum of a vector, of a window of a pool. */
        const sumOf = (u: number, window: number, vector: number) =>
          allSums[u * size + window * vectors.length + vector];
        const addProducts = (k: number) => [
          vectors.map((vector, index) =>
            w[index].set(f32x4.load(weights, 16 * (k * all + vector)))
          ),
          places.map((windows, u) =>
            windows.map((offset, window) => [
              factor.set(f32x4.loadSplat(line, offset + 4 * k)),
              vectors.map((_, index) => {
                const sum = sumOf(u, window, index);
                return sum.set(factor.mulAdd(w[index], sum, fused));
              }),
            ])
          ),
        ];
        /** Writes a vector of a pool's result: whole, where what lies behind it is written later. */
        const put = (
          pointer: I32,
          value: Variable<F32x4> | Variable<Vector>,
          { u, vector, further = 0 }: {
            u: number;
            vector: number;
            further?: number;
          },
        ): Code => {
          const offset = 4 * (u * filters + 4 * vector) + further;
          const count = tiles.length === 1 && made.row === across * made.pixel
            ? 4
            : Math.min(4, filters - 4 * vector);
          return storeLanes(pointer, value, count, offset);
        };
        const finish = (u: number, index: number, vector: number) => {
          const [start, ...others] = places[u].map((_, window) =>
            sumOf(u, window, index)
          );
          return [
            best.set(start),
            pooled ? number.set(i32x4.const(0)) : [],
            others.map((sum, other) => [
              number.set(
                number.maxS(
                  sum.gt(best).and(i32x4.splat(i32.const(other + 1))),
                ),
              ),
              best.set(best.pmax(sum)),
            ]),
            best.set(best.add(f32x4.load(bias, 16 * vector))),
            bendAndPut(
              best,
              activation,
              around,
              (value, further) => put(to, value, { u, vector, further }),
            ),
            pooled ? put(won, number, { u, vector }) : [],
          ];
        };
        const block = [
          at.set(band.add(first.mul(pool[1] * columnBytes))),
          to.set(target.add(first.mul(4 * filters))),
          pooled ? won.set(winner.add(to.sub(y))) : [],
          allSums.slice(0, size * pools).map((sum) => sum.set(f32x4.const(0))),
          weights.set(filter),
          line.set(at),
          left.set(i32.const(window[0])),
          countDown(left, 1, [
            range(run).map(addProducts),
            advance(line, rowBytes),
            advance(weights, 16 * all * run),
          ]),
          range(pools).map((u) =>
            vectors.map((vector, index) => finish(u, index, vector))
          ),
          advance(next, pools),
        ];
        return [
          band.set(x),
          target.set(y),
          row.set(i32.const(down)),
          countDown(row, 1, [
            next.set(i32.const(0)),
            until(next.geS(across), [
              first.set(lesser(next, across - pools)),
              block,
            ]),
            advance(band, pool[0] * strides[0] * rowBytes),
            advance(target, made.row),
          ]),
        ];
      };
      return tiles.map(tile);
    },
  );
}

/** Vectors of a filter at once: they stay in registers. */
const VECTORS = 12;

/** A vector of a filter: the row of the window, and the vector in the row. */
type Place = [row: number, vector: number];

/** The vectors of a filter in groups that fit into registers, whole rows where they fit. */
function groupsOf(stage: Convolution): Place[][] {
  const perRow = vectorsOf(runOf(stage));
  const places = range(stage.window[0]).flatMap((row) =>
    range(perRow).map((vector): Place => [row, vector])
  );
  const size = perRow > VECTORS ? VECTORS : VECTORS - VECTORS % perRow;
  return range(Math.ceil(places.length / size)).map((group) =>
    places.slice(group * size, (group + 1) * size)
  );
}

/** Bytes from a filter's first number to that of `place`, where it is packed for the way back. */
function inFilter([row, vector]: Place, stage: Convolution): number {
  return 16 * (row * vectorsOf(runOf(stage)) + vector);
}

/** Bytes of a filter that is so packed. */
function filterBytes(stage: Convolution): number {
  return inFilter([stage.window[0], 0], stage);
}

/** Bytes from a window's first number to that of `place`. */
function inWindow([row, vector]: Place, read: Plane): number {
  return row * read.row + 16 * vector;
}

/**
 * A stage's gradients of one image: from ∂L/∂y at `dy`, of the form of y, adds ∂L/∂w to `dw`, packed
 * `[f, kh, vectors, 4]`, ∂L/∂b to `db`, and ∂L/∂x to `dx`, unless `first`: by w, packed
 * alike and filled up with zeros. Only windows that won and that have a gradient are
 * visited. `list` has room for 8 bytes a pool.
 *
 * x is read, and dx written, up to 12 bytes beyond its end. Loop order: filters, vectors of
 * the filter by 12, windows with a gradient.
 */
function backwardFunction(
  stage: Convolution,
  { index, read, made, fused, first }: Surroundings,
) {
  const { strides, filters, activation, pool } = stage;
  const [down, across] = outputOf(stage);
  const rowBytes = read.row;
  const columnBytes = strides[1] * read.pixel;
  const bytes = filterBytes(stage);
  return defineFunction(
    `backward${index}`,
    BACKWARD,
    ({ x, dx, y, dy, winner, dw, db, w, list }, scope) => {
      const { end, entry, filter, from, bits, place } = scope.locals(
        named(i32, "end", "entry", "filter", "from", "bits", "place"),
      );
      const { band, position, row, column } = scope.locals(
        named(i32, "band", "position", "row", "column"),
      );
      const { sum, factor } = scope.locals({ sum: f32, factor: f32x4 });
      const vectors = scope.array("v", VECTORS, f32x4);
      /** Bytes from a pool's first window to the one that won: by its number. */
      const winnersPlace = () => {
        const number = i32.load(winner.add(from));
        const rise = strides[0] * rowBytes;
        if (pool[1] === 1) return number.mul(rise);
        if (pool[0] === 1) return number.mul(columnBytes);
        // ⌊number / columns⌋ by a product: exact below 2¹⁶.
        const over = place.tee(number).mul(Math.ceil(65536 / pool[1]))
          .shrU(16);
        return over.mul(rise - pool[1] * columnBytes)
          .add(place.mul(columnBytes));
      };
      const slope = i32.load(dy.add(from));
      const after = f32.load(y.add(from));
      // Writes the list of a filter's windows that have a gradient, and that gradient.
      // Without a branch: which units are active can't be foretold.
      const collect = [
        end.set(list),
        sum.set(f32.const(0)),
        band.set(i32.const(0)),
        from.set(filter.shl(2)),
        row.set(i32.const(down)),
        countDown(row, 1, [
          position.set(band),
          column.set(i32.const(across)),
          countDown(column, 1, [
            bits.set(unbendOne(slope, after, activation)),
            store(
              end,
              pool[0] * pool[1] === 1 ? position : position.add(winnersPlace()),
            ),
            store(end, bits, 4),
            sum.set(sum.add(bits.bitsToF32())),
            advance(end, bits.shl(1).ne(0).shl(3)),
            advance(from, made.pixel),
            advance(position, pool[1] * columnBytes),
          ]),
          advance(from, made.row - across * made.pixel),
          advance(band, pool[0] * strides[0] * rowBytes),
        ]),
      ];
      /** `body` for every entry of the list, whose window of `image` is at `place`. */
      const forEachEntry = (image: I32, body: Code) => [
        entry.set(list),
        until(entry.geU(end), [
          place.set(image.add(i32.load(entry))),
          factor.set(f32x4.loadSplat(entry, 4)),
          body,
          advance(entry, 8),
        ]),
      ];
      const ofFilter = groupsOf(stage).map((group) => [
        group.map((each, index) =>
          vectors[index].set(f32x4.load(dw, inFilter(each, stage)))
        ),
        forEachEntry(
          x,
          group.map((each, index) => {
            const pixels = f32x4.load(place, inWindow(each, read));
            const own = vectors[index];
            return own.set(pixels.mulAdd(factor, own, fused));
          }),
        ),
        group.map((each, index) =>
          store(dw, vectors[index], inFilter(each, stage))
        ),
      ]);
      const ofInput = groupsOf(stage).map((group) => [
        group.map((each, index) =>
          vectors[index].set(f32x4.load(w, inFilter(each, stage)))
        ),
        forEachEntry(
          dx,
          group.map((each, index) => {
            const own = f32x4.load(place, inWindow(each, read));
            return store(
              place,
              vectors[index].mulAdd(factor, own, fused),
              inWindow(each, read),
            );
          }),
        ),
      ]);
      return [
        filter.set(i32.const(0)),
        until(filter.geS(filters), [
          collect,
          store(db, f32.load(db).add(sum)),
          ofFilter,
          first ? [] : ofInput,
          advance(filter, 1),
          advance(db, 4),
          advance(dw, bytes),
          advance(w, bytes),
        ]),
      ];
    },
  );
}

/**
 * Whether gradients are summed over all windows, those without one not being worth finding: where
 * there are no pools, and a stage is the first, has windows of one place, or a leaky relu.
 */
function takesAllWindows(stage: Convolution, first: boolean): boolean {
  const { window, pool, activation: { below } } = stage;
  if (sizeOf(pool) > 1) return false;
  const leaky = below > 0 && below < 1;
  return first ||
    (sizeOf(windowsOf(stage)) > 1 && (leaky || sizeOf(window) === 1));
}

/** Bytes of each number of a window from its first, with its place in a filter of `[kh, run]`. */
function numbersOf(
  stage: Convolution,
  { row }: Plane,
): { index: number; offset: number }[] {
  const run = runOf(stage);
  return range(stage.window[0]).flatMap((line) =>
    range(run).map((number) => ({
      index: line * run + number,
      offset: line * row + 4 * number,
    }))
  );
}

/** Sums of a filter's gradient at once, beside a gradient, a factor and the bias's. */
const GRADIENT_SUMS = 10;

/** Products of one pass of a loop over filters, so that counting them costs little beside. */
const UNROLLED_PRODUCTS = 32;

/**
 * {@linkcode backwardFunction} of a stage without pools, all of whose windows are taken:
 * `dw` is packed `[kh, run, vectors, 4]`, `db` `[vectors, 4]`; what lies in lanes
 * beyond the filters is nobody's. Loop order of ∂L/∂w: numbers of a window by a few, v, u; of
 * ∂L/∂x: vectors of the filter by 12, v, u, filters.
 */
function allBackwardFunction(stage: Convolution, around: Surroundings) {
  const { filters, activation } = stage;
  const { index, read, made, fused, first } = around;
  const all = vectorsOf(filters);
  return defineFunction(
    `backward${index}`,
    BACKWARD,
    ({ x, dx, y, dy, dw, db, w }, scope) => {
      const { factor } = scope.locals({ factor: f32x4 });
      const { slope, weights, left } = scope.locals(
        named(i32, "slope", "weights", "left"),
      );
      const sums = scope.array("s", GRADIENT_SUMS, f32x4);
      const inputs = scope.array("v", VECTORS, f32x4);
      const [g, biases] = ["g", "b"].map((name) => scope.array(name, 3, f32x4));
      const walk = walkWindows(stage, around, scope);
      const numbers = numbersOf(stage, read);
      const widths = range(Math.ceil(all / 3)).map((tile) =>
        range(all).slice(3 * tile, 3 * tile + 3)
      );
      /** Adds the products of some numbers of a window, over all windows. */
      const addNumbers = (
        vectors: number[],
        own: typeof numbers,
        withBias: boolean,
      ) => {
        const held = own.flatMap(({ index }) =>
          vectors.map((vector) => 16 * (index * all + vector))
        );
        return [
          held.map((place, index) => sums[index].set(f32x4.load(dw, place))),
          withBias
            ? vectors.map((vector, index) =>
              biases[index].set(
                first ? f32x4.load(db, 16 * vector) : f32x4.const(0),
              )
            )
            : [],
          walk(x, dy, ({ at, to }) => [
            vectors.map((vector, index) =>
              g[index].set(f32x4.load(to, 16 * vector))
            ),
            withBias
              ? vectors.map((_, index) =>
                biases[index].set(biases[index].add(g[index]))
              )
              : [],
            own.map(({ offset }, number) => [
              factor.set(f32x4.loadSplat(at, offset)),
              vectors.map((_, index) => {
                const sum = sums[number * vectors.length + index];
                return sum.set(factor.mulAdd(g[index], sum, fused));
              }),
            ]),
          ]),
          held.map((place, index) => store(dw, sums[index], place)),
          withBias
            ? vectors.map((vector, index) => {
              const image = biases[index];
              // Of other stages each image's sum is added to the others', as where windows are listed.
              const sum = first
                ? image
                : f32x4.load(db, 16 * vector).add(image);
              return store(db, sum, 16 * vector);
            })
            : [],
        ];
      };
      /** Adds what so many filters have of ∂L/∂x, from the ones at `slope` and `weights` on. */
      const addFilters = (group: Place[], count: number) =>
        range(count).map((filter) => [
          factor.set(f32x4.loadSplat(slope, 4 * filter)),
          group.map((each, index) => {
            const own = f32x4.load(
              weights,
              filter * filterBytes(stage) + inFilter(each, stage),
            );
            return inputs[index].set(
              own.mulAdd(factor, inputs[index], fused),
            );
          }),
        ]);
      /** The same of all filters, by as many as the text may have. */
      const addAllFilters = (group: Place[]) => {
        const count = Math.min(
          filters,
          Math.ceil(UNROLLED_PRODUCTS / group.length),
        );
        return [
          left.set(i32.const(filters)),
          countDown(left, count, [
            addFilters(group, count),
            advance(slope, 4 * count),
            advance(weights, count * filterBytes(stage)),
          ]),
          addFilters(group, filters % count),
        ];
      };
      const ofInput = groupsOf(stage).map((group) =>
        walk(dx, dy, ({ at, to }) => [
          group.map((each, index) =>
            inputs[index].set(f32x4.load(at, inWindow(each, read)))
          ),
          slope.set(to),
          weights.set(w),
          addAllFilters(group),
          group.map((each, index) =>
            store(at, inputs[index], inWindow(each, read))
          ),
        ])
      );
      return [
        unbendPlane({ y, dy }, activation, made, scope),
        first ? [] : ofInput,
        widths.map((vectors) => {
          const most = Math.floor(GRADIENT_SUMS / vectors.length);
          const groups = Math.ceil(numbers.length / most);
          const size = Math.ceil(numbers.length / groups);
          return range(groups).map((group) =>
            addNumbers(
              vectors,
              numbers.slice(group * size, (group + 1) * size),
              group === 0,
            )
          );
        }),
      ];
    },
  );
}

/** A filter: for the way forward `[kh, run, vectors, 4]`, for the way back `[f, kh, vectors, 4]`. */
export const CONVOLUTION: StageCode<"convolution"> = {
  sizes(stage, first) {
    const run = runOf(stage);
    const { window, filters } = stage;
    const forward = window[0] * run * 4 * vectorsOf(filters);
    const back = filters * window[0] * 4 * vectorsOf(run);
    return {
      forward,
      back,
      sums: takesAllWindows(stage, first) ? forward : back,
    };
  },
  *places(stage, first) {
    const run = runOf(stage);
    const { window, filters } = stage;
    const width = 4 * vectorsOf(filters);
    const packedRow = 4 * vectorsOf(run);
    const all = takesAllWindows(stage, first);
    for (let row = 0; row < window[0]; row++) {
      for (let at = 0; at < run; at++) {
        for (let each = 0; each < filters; each++) {
          const forward = (row * run + at) * width + each;
          const back = (each * window[0] + row) * packedRow + at;
          yield { forward, back, sums: all ? forward : back };
        }
      }
    }
  },
  forward: forwardFunction,
  backward: (stage, around) =>
    takesAllWindows(stage, around.first)
      ? allBackwardFunction(stage, around)
      : backwardFunction(stage, around),
};
