import { OVERREACH } from "../conv2d/wasm_frames.ts";
import {
  checkLabels,
  mixedLossOn,
  mixedLossScratch,
} from "../mixed_loss/wasm.ts";
import { hasRelaxedSimd } from "../wasm/assemble.ts";
import {
  advance,
  clearBytes,
  type Code,
  countDown,
  defineFunction,
  defineModule,
  exportFunction,
  f32,
  type F32x4,
  f32x4,
  type I32,
  i32,
  i32x4,
  lesser,
  memoise,
  named,
  range,
  store,
  storeLanes,
  until,
  type Variable,
  type Vector,
} from "../wasm/code.ts";
import {
  heapFunctions,
  heapMemory,
  heapOffset,
  implementOnWasm,
  makeOutput,
  withWorkspace,
} from "../wasm/heap.ts";
import {
  countWeights,
  decodeStages,
  outputOf,
  rowGradientKernel,
  runOf,
  type Stage,
} from "./op.ts";

/** Vectors that hold `count` numbers, the last of which may be filled up. */
function vectorsOf(count: number): number {
  return Math.ceil(count / 4);
}

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
function tilesOf(stage: Stage): Tile[] {
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
function forwardFunction(stage: Stage, index: number, fused: boolean) {
  const { input, window, strides, filters, activation, pool } = stage;
  const [, columns, channels] = input;
  const [down, across] = outputOf(stage);
  const run = runOf(stage);
  const all = vectorsOf(filters);
  const rowBytes = 4 * columns * channels;
  const columnBytes = 4 * strides[1] * channels;
  const pooled = pool[0] * pool[1] > 1;
  const tiles = tilesOf(stage);
  return defineFunction(
    `forward${index}`,
    named(i32, "x", "y", "winner", "filter", "bias"),
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
      const activate = (sum: F32x4) =>
        // pmax gives its first operand unless that is smaller: NaN stays.
        activation === "relu" ? sum.pmax(f32x4.const(0)) : sum;
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
        /** Writes a vector of a pool's result: whole, where what comes next is written later. */
        const put = (
          pointer: I32,
          value: Variable<F32x4> | Variable<Vector>,
          u: number,
          vector: number,
        ): Code => {
          const offset = 4 * (u * filters + 4 * vector);
          const count = tiles.length === 1
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
            best.set(activate(best.add(f32x4.load(bias, 16 * vector)))),
            put(to, best, u, vector),
            pooled ? put(won, number, u, vector) : [],
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
            advance(target, 4 * across * filters),
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
function groupsOf(stage: Stage): Place[][] {
  const perRow = vectorsOf(runOf(stage));
  const places = range(stage.window[0]).flatMap((row) =>
    range(perRow).map((vector): Place => [row, vector])
  );
  const size = perRow > VECTORS ? VECTORS : VECTORS - VECTORS % perRow;
  return range(Math.ceil(places.length / size)).map((group) =>
    places.slice(group * size, (group + 1) * size)
  );
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
  stage: Stage,
  index: number,
  { fused, first }: { fused: boolean; first: boolean },
) {
  const { input, window, strides, filters, activation, pool } = stage;
  const [, columns, channels] = input;
  const [down, across] = outputOf(stage);
  const rowBytes = 4 * columns * channels;
  const columnBytes = 4 * strides[1] * channels;
  const perRow = vectorsOf(runOf(stage));
  const bytes = 16 * perRow * window[0];
  const inFilter = ([row, vector]: Place) => 16 * (row * perRow + vector);
  return defineFunction(
    `backward${index}`,
    named(i32, "x", "dx", "y", "dy", "winner", "dw", "db", "w", "list"),
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
      const alive = f32.load(y.add(from)).ne(f32.const(0));
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
            bits.set(
              activation === "relu"
                ? slope.and(i32.const(0).sub(alive))
                : slope,
            ),
            store(
              end,
              pool[0] * pool[1] === 1 ? position : position.add(winnersPlace()),
            ),
            store(end, bits, 4),
            sum.set(sum.add(bits.bitsToF32())),
            advance(end, bits.shl(1).ne(0).shl(3)),
            advance(from, 4 * filters),
            advance(position, pool[1] * columnBytes),
          ]),
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
      const inWindow = ([row, vector]: Place) => row * rowBytes + 16 * vector;
      const ofFilter = groupsOf(stage).map((group) => [
        group.map((each, index) =>
          vectors[index].set(f32x4.load(dw, inFilter(each)))
        ),
        forEachEntry(
          x,
          group.map((each, index) => {
            const pixels = f32x4.load(place, inWindow(each));
            const own = vectors[index];
            return own.set(pixels.mulAdd(factor, own, fused));
          }),
        ),
        group.map((each, index) => store(dw, vectors[index], inFilter(each))),
      ]);
      const ofInput = groupsOf(stage).map((group) => [
        group.map((each, index) =>
          vectors[index].set(f32x4.load(w, inFilter(each)))
        ),
        forEachEntry(
          dx,
          group.map((each, index) => {
            const own = f32x4.load(place, inWindow(each));
            return store(
              place,
              vectors[index].mulAdd(factor, own, fused),
              inWindow(each),
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

/** Whether a first stage's gradient is summed over all windows: those with none are not worth finding. */
function takesAllWindows({ pool }: Stage, index: number): boolean {
  return index === 0 && pool[0] * pool[1] === 1;
}

/** Sums of a filter's gradient at once, beside a gradient, a factor and the bias's. */
const GRADIENT_SUMS = 10;

/**
 * {@linkcode backwardFunction} of a first stage without pools, all of whose windows are taken:
 * `dw` is packed `[kh, run, vectors, 4]`, `db` `[vectors, 4]`; what lies in lanes
 * beyond the filters is nobody's. `dy` is masked in place. Loop order: numbers of a window by a few, v, u.
 */
function firstBackwardFunction(stage: Stage, fused: boolean) {
  const { input, window, strides, filters, activation } = stage;
  const [, columns, channels] = input;
  const [down, across] = outputOf(stage);
  const rowBytes = 4 * columns * channels;
  const run = runOf(stage);
  const all = vectorsOf(filters);
  return defineFunction(
    "backward0",
    named(i32, "x", "dx", "y", "dy", "winner", "dw", "db", "w", "list"),
    ({ x, y, dy, dw, db }, scope) => {
      const { line, at, slope, row, column } = scope.locals(
        named(i32, "line", "at", "slope", "row", "column"),
      );
      const { factor, alive } = scope.locals({ factor: f32x4, alive: f32x4 });
      const sums = scope.array("s", GRADIENT_SUMS, f32x4);
      const [g, biases] = ["g", "b"].map((name) => scope.array(name, 3, f32x4));
      const mask = [
        at.set(y),
        slope.set(dy),
        row.set(i32.const(vectorsOf(down * across * filters))),
        countDown(row, 1, [
          alive.set(f32x4.load(at)),
          store(slope, f32x4.load(slope).and(alive.ne(f32x4.const(0)))),
          advance(at, 16),
          advance(slope, 16),
        ]),
      ];
      const numbers = range(window[0]).flatMap((row) =>
        range(run).map((number) => ({
          index: row * run + number,
          offset: row * rowBytes + 4 * number,
        }))
      );
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
              biases[index].set(f32x4.load(db, 16 * vector))
            )
            : [],
          line.set(x),
          slope.set(dy),
          row.set(i32.const(down)),
          countDown(row, 1, [
            at.set(line),
            column.set(i32.const(across)),
            countDown(column, 1, [
              vectors.map((vector, index) =>
                g[index].set(f32x4.load(slope, 16 * vector))
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
              advance(at, 4 * strides[1] * channels),
              advance(slope, 4 * filters),
            ]),
            advance(line, strides[0] * rowBytes),
          ]),
          held.map((place, index) => store(dw, sums[index], place)),
          withBias
            ? vectors.map((vector, index) =>
              store(db, biases[index], 16 * vector)
            )
            : [],
        ];
      };
      return [
        activation === "relu" ? mask : [],
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

/** Where the parts of a stage lie, in bytes. */
interface StagePlaces {
  /** In the record of an image: what it reads and makes, and the winners. */
  x: number;
  y: number;
  winner: number;
  /** Among packed weights: for its way forward, and back. */
  filter: number;
  bias: number;
  back: number;
  /** Among sums of gradients. */
  dw: number;
  db: number;
  /** In scratch memory: ∂L/∂x. */
  dx: number;
}

/** How memory is laid out for a row of stages: where parts lie, and how large each whole is. */
function planRow(stages: readonly Stage[]) {
  const totals = { record: 0, weights: 0, sums: 0, scratch: 0 };
  const take = (whole: keyof typeof totals, numbers: number) => {
    const place = totals[whole];
    totals[whole] += 16 * vectorsOf(numbers) + OVERREACH;
    return place;
  };
  const sizeOf = (shape: readonly number[]) =>
    shape.reduce((product, extent) => product * extent, 1);
  let x = take("record", sizeOf(stages[0].input));
  const places = stages.map((stage, index): StagePlaces => {
    const { window, filters, input } = stage;
    const run = runOf(stage);
    const made = sizeOf(outputOf(stage));
    const width = 4 * vectorsOf(filters);
    const packed = 4 * vectorsOf(run) * window[0] * filters;
    const read = x;
    const y = x = take("record", made);
    const all = takesAllWindows(stage, index);
    return {
      x: read,
      y,
      winner: take("record", made),
      filter: take("weights", window[0] * run * width),
      bias: take("weights", width),
      back: take("weights", packed),
      dw: take("sums", all ? window[0] * run * width : packed),
      db: take("sums", width),
      dx: take("scratch", sizeOf(input)),
    };
  });
  const pools = stages.map((stage) => sizeOf(outputOf(stage)) / stage.filters);
  const list = take("scratch", 2 * (Math.max(...pools) + 1));
  return { places, list, ...totals };
}

/** Of each weight and bias in order, the numbers' places where they are packed. */
interface Packing {
  /** Among packed weights, for the way forward. */
  forward: Int32Array;
  /** For the way back; −1 of biases, which it doesn't need. */
  back: Int32Array;
  /** Among sums of gradients. */
  sums: Int32Array;
}

function planPacking(
  stages: readonly Stage[],
  { places }: ReturnType<typeof planRow>,
): Packing {
  const total = countWeights(stages);
  const [forward, back, sums] = range(3).map(() => new Int32Array(total));
  let next = 0;
  stages.forEach((stage, index) => {
    const { filter, bias, back: wayBack, dw, db } = places[index];
    const { window, filters } = stage;
    const run = runOf(stage);
    const width = 4 * vectorsOf(filters);
    const packedRow = 4 * vectorsOf(run);
    for (let row = 0; row < window[0]; row++) {
      for (let at = 0; at < run; at++) {
        for (let each = 0; each < filters; each++) {
          const ahead = (row * run + at) * width + each;
          const behind = (each * window[0] + row) * packedRow + at;
          forward[next] = filter / 4 + ahead;
          back[next] = wayBack / 4 + behind;
          sums[next++] = dw / 4 +
            (takesAllWindows(stage, index) ? ahead : behind);
        }
      }
    }
    for (let each = 0; each < filters; each++) {
      forward[next] = bias / 4 + each;
      back[next] = -1;
      sums[next++] = db / 4 + each;
    }
  });
  return { forward, back, sums };
}

/** All that is known of a row before its first image. */
const prepareRow = memoise((numbers: readonly number[]) => {
  const stages = decodeStages(numbers);
  const plan = planRow(stages);
  return { stages, plan, packing: planPacking(stages, plan) };
});

/** Reads images, and their gradients, one after another through all `stages`. */
const rowModule = memoise(
  ({ numbers, fused }: { numbers: readonly number[]; fused: boolean }) =>
    defineModule("row_gradient", () => {
      const { stages, plan } = prepareRow(numbers);
      const { places, list, record: recordBytes } = plan;
      const forwards = stages.map((stage, index) =>
        forwardFunction(stage, index, fused)
      );
      const backwards = stages.map((stage, index) =>
        takesAllWindows(stage, index)
          ? firstBackwardFunction(stage, fused)
          : backwardFunction(stage, index, { fused, first: index === 0 })
      );
      const last = stages.length - 1;
      const classBytes = 4 * stages[last].filters;
      const pixels = stages[0].input.reduce((a, b) => a * b);
      const forward = exportFunction(
        "forward",
        named(i32, "images", "count", "record", "logits", "weights"),
        ({ images, count, record, logits, weights }, scope) => {
          const { from, to, left } = scope.locals(
            named(i32, "from", "to", "left"),
          );
          return countDown(count, 1, [
            from.set(images),
            to.set(record),
            left.set(i32.const(vectorsOf(pixels))),
            countDown(left, 1, [
              store(
                to,
                i32x4.loadBytes(from).toFloatsU().mul(f32x4.const(1 / 255)),
              ),
              advance(from, 4),
              advance(to, 16),
            ]),
            forwards.map(({ call }, index) => {
              const { x, y, winner, filter, bias } = places[index];
              return call({
                x: record.add(x),
                y: index === last ? logits : record.add(y),
                winner: record.add(winner),
                filter: weights.add(filter),
                bias: weights.add(bias),
              });
            }),
            advance(images, pixels),
            advance(record, recordBytes),
            advance(logits, classBytes),
          ]);
        },
      );
      const backward = exportFunction(
        "backward",
        named(
          i32,
          "count",
          "record",
          "logits",
          "slopes",
          "weights",
          "sums",
          "scratch",
        ),
        ({ count, record, logits, slopes, weights, sums, scratch }) =>
          countDown(count, 1, [
            [...backwards.keys()].reverse().map((index) => {
              const own = places[index];
              const above = places[index + 1];
              const { input } = stages[index];
              const dx = scratch.add(own.dx);
              return [
                index === 0 ? [] : clearBytes(
                  dx,
                  i32.const(4 * input.reduce((a, b) => a * b)),
                ),
                backwards[index].call({
                  x: record.add(own.x),
                  dx,
                  y: index === last ? logits : record.add(own.y),
                  dy: above ? scratch.add(above.dx) : slopes,
                  winner: record.add(own.winner),
                  dw: sums.add(own.dw),
                  db: sums.add(own.db),
                  w: weights.add(own.back),
                  list: scratch.add(list),
                }),
              ];
            }),
            advance(record, recordBytes),
            advance(logits, classBytes),
            advance(slopes, classBytes),
          ]),
      );
      return [...forwards, ...backwards, forward, backward];
    }),
);

/** Images of a group together stay in the second-level cache. */
const GROUP_BYTES = 65_536;

/**
 * Kernel `RetortRowGradient`: see `rowGradient` of `op.ts`. Images go through all stages
 * one by one, a group of them forward, through the loss, and back, so that what they make
 * stays in the caches, and nothing is kept of a whole batch.
 */
export const rowGradient = implementOnWasm(
  rowGradientKernel,
  (wasm, { words, weights, labels, teacherLogits, terms }, attributes) => {
    const { stages, plan, packing } = prepareRow(attributes.stages);
    const [count] = labels.shape;
    const classes = stages[stages.length - 1].filters;
    checkLabels(wasm.typedArrayFromHeap(labels), classes);
    const gradient = makeOutput(wasm, [countWeights(stages)], "float32");
    const sums = makeOutput(wasm, [2], "float32");
    const group = Math.max(
      1,
      Math.min(count, Math.floor(GROUP_BYTES / plan.record)),
    );
    const rowBytes = 4 * classes;
    const { forward, backward } = heapFunctions(
      wasm,
      rowModule({ numbers: attributes.stages, fused: hasRelaxedSimd() }),
    );
    const pixels = stages[0].input.reduce((a, b) => a * b);
    withWorkspace(
      wasm,
      [
        plan.weights,
        plan.sums,
        plan.scratch,
        group * plan.record,
        count * rowBytes + OVERREACH,
        group * rowBytes,
        4 * count,
        4 * mixedLossScratch(classes),
      ],
      (packed, gradients, scratch, records, logits, slopes, losses, loss) => {
        const { buffer } = heapMemory(wasm);
        const given = wasm.typedArrayFromHeap(weights);
        packWeights(
          packing,
          given,
          new Float32Array(buffer, packed, plan.weights / 4),
        );
        const total = new Float32Array(buffer, gradients, plan.sums / 4)
          .fill(0);
        const mixedLoss = mixedLossOn(wasm, classes, loss);
        const at = {
          words: heapOffset(wasm, words),
          labels: heapOffset(wasm, labels),
          teacher: heapOffset(wasm, teacherLogits),
          terms: heapOffset(wasm, terms),
        };
        for (let first = 0; first < count; first += group) {
          const size = Math.min(group, count - first);
          const own = logits + first * rowBytes;
          forward(at.words + first * pixels, size, records, own, packed);
          mixedLoss(
            own,
            at.labels + 4 * first,
            at.teacher + first * rowBytes,
            at.terms,
            losses + 4 * first,
            slopes,
            loss,
            size,
            1,
            classes,
          );
          backward(size, records, own, slopes, packed, gradients, scratch);
        }
        const found = wasm.typedArrayFromHeap(gradient);
        packing.sums.forEach((place, index) => found[index] = total[place]);
        const [lossSum, hits] = [
          new Float32Array(buffer, losses, count)
            .reduce((sum, each) => sum + each, 0),
          countHits(
            new Float32Array(buffer, logits, count * classes),
            wasm.typedArrayFromHeap(labels),
            classes,
          ),
        ];
        wasm.typedArrayFromHeap(sums).set([lossSum, hits]);
      },
    );
    return [gradient, sums];
  },
);

/** How many rows of `logits` have the first of their largest at their label. */
function countHits(
  logits: Float32Array,
  labels: ArrayLike<number>,
  classes: number,
): number {
  let hits = 0;
  for (let image = 0; image < labels.length; image++) {
    const row = image * classes;
    let best = 0;
    for (let each = 1; each < classes; each++) {
      if (logits[row + each] > logits[row + best]) best = each;
    }
    hits += Number(best === labels[image]);
  }
  return hits;
}

/** Packs the weights `given` for both ways, filled up with zeros. */
function packWeights(
  { forward, back }: Packing,
  given: { [index: number]: number },
  packed: Float32Array,
): void {
  packed.fill(0);
  for (let index = 0; index < forward.length; index++) {
    packed[forward[index]] = given[index];
    if (back[index] >= 0) packed[back[index]] = given[index];
  }
}
