/**
 * Stages that see to each channel by itself: four of them at once, those of one place being
 * neighbours.
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
  named,
  type Pointer,
  range,
  type Scope,
  store,
  storeLane,
  storeLanes,
  type Variable,
} from "../wasm/code.ts";
import { sizeOf, type Stage } from "./op.ts";
import {
  BACKWARD,
  bendAndPut,
  type ByUse,
  FORWARD,
  type Plane,
  type StageCode,
  type Surroundings,
  unbendPlane,
  vectorsOf,
  walkWindows,
} from "./stage_code.ts";

/** Bytes of each place of a window from its first, row by row. */
function placesOf(
  { window }: Stage,
  { row, pixel }: Plane,
): number[] {
  return range(window[0]).flatMap((line) =>
    range(window[1]).map((column) => line * row + column * pixel)
  );
}

/** Vectors of channels, and how many lanes of each are channels. */
function channelVectors(
  channels: number,
): { vector: number; lanes: number }[] {
  return range(vectorsOf(channels)).map((vector) => ({
    vector,
    lanes: Math.min(4, channels - 4 * vector),
  }));
}

/** `value` with 0 in the lanes from `lanes` on. */
function firstLanes(value: F32x4, lanes: number): F32x4 {
  if (lanes === 4) return value;
  const [a, b, c, d] = range(4).map((lane) => lane < lanes ? -1 : 0);
  return value.and(i32x4.lanes(a, b, c, d));
}

/** Weights of a window that stay in registers, beside a sum and a factor. */
const HELD_WEIGHTS = 12;

/** Sums of a filter's gradient at once, beside a gradient and the bias's. */
const GRADIENT_SUMS = 12;

/** Filters at once: of four channels each, each channel's own one of so many. */
interface FilterGroup {
  vector: number;
  /** How many of the four there are. */
  lanes: number;
  /** Which of a channel's filters, from 0. */
  each: number;
}

function filterGroups(
  { input, multiplier }: Stage<"depthwise">,
): FilterGroup[] {
  return channelVectors(input[2]).flatMap((four) =>
    range(multiplier).map((each) => ({ ...four, each }))
  );
}

/** Bytes from a number a filter, of a place that is made, to those of a group, lane by lane. */
function madeBytes(
  { multiplier }: Stage<"depthwise">,
  { vector, lanes, each }: FilterGroup,
): number[] {
  return range(lanes).map((lane) =>
    4 * ((4 * vector + lane) * multiplier + each)
  );
}

/** Takes the numbers of a group's filters, of a place that is made; where one has no channel, anything. */
function loadMade(
  value: Variable<F32x4>,
  place: I32,
  stage: Stage<"depthwise">,
  group: FilterGroup,
): Code {
  const bytes = madeBytes(stage, group);
  return stage.multiplier === 1
    ? value.set(f32x4.load(place, bytes[0]))
    : bytes.map((offset, lane) =>
      value.set(f32x4.loadLane(place, value, lane, offset))
    );
}

/** Writes what {@linkcode loadMade} takes. */
function storeMade(
  place: I32,
  value: Variable<F32x4>,
  stage: Stage<"depthwise">,
  group: FilterGroup,
): Code {
  const bytes = madeBytes(stage, group);
  return stage.multiplier === 1
    ? storeLanes(place, value, group.lanes, bytes[0])
    : bytes.map((offset, lane) => storeLane(place, value, lane, offset));
}

/** Bytes of the weights of a place of a window, in the packed filters of a group. */
function weightBytes(
  { window, input }: Stage<"depthwise">,
  place: number,
  { vector, each }: FilterGroup,
): number {
  const places = each * sizeOf(window) + place;
  return 16 * (places * vectorsOf(input[2]) + vector);
}

/**
 * The weights of each place of a window, of a group of filters: code that makes them ready,
 * and the values.
 */
function holdWeights(
  stage: Stage<"depthwise">,
  scope: Scope,
) {
  const size = sizeOf(stage.window);
  const held = scope.array("w", Math.min(size, HELD_WEIGHTS), f32x4);
  return (filter: I32, group: FilterGroup) => {
    const loads = range(size).map((place) =>
      f32x4.load(filter, weightBytes(stage, place, group))
    );
    return {
      hold: held.map((weight, place) => weight.set(loads[place])),
      weights: loads.map((load, place) => held[place] ?? load),
    };
  };
}

/** Loop order: filters by four, v, u, places of a window. */
function depthwiseForward(stage: Stage<"depthwise">, around: Surroundings) {
  const { activation } = stage;
  const { index, read, fused } = around;
  return defineFunction(
    `forward${index}`,
    FORWARD,
    ({ x, y, filter, bias }, scope) => {
      const { sum, offset } = scope.locals({ sum: f32x4, offset: f32x4 });
      const weightsOf = holdWeights(stage, scope);
      const walk = walkWindows(stage, around, scope);
      const places = placesOf(stage, read);
      return filterGroups(stage).map((group) => {
        const { hold, weights } = weightsOf(filter, group);
        return [
          hold,
          loadMade(offset, bias, stage, group),
          walk(x.add(16 * group.vector), y, ({ at, to }) => [
            sum.set(offset),
            places.map((place, index) =>
              sum.set(
                f32x4.load(at, place).mulAdd(weights[index], sum, fused),
              )
            ),
            bendAndPut(
              sum,
              activation,
              around,
              (value, further) =>
                storeMade(further ? to.add(further) : to, value, stage, group),
            ),
          ]),
        ];
      });
    },
  );
}

/** Loop order of each gradient: filters by four, places of a window by a few, v, u. */
function depthwiseBackward(stage: Stage<"depthwise">, around: Surroundings) {
  const { activation } = stage;
  const { index, read, made, fused, first } = around;
  return defineFunction(
    `backward${index}`,
    BACKWARD,
    ({ x, dx, y, dy, dw, db, w }, scope) => {
      const { g, sum } = scope.locals({ g: f32x4, sum: f32x4 });
      const sums = scope.array("s", GRADIENT_SUMS, f32x4);
      const weightsOf = holdWeights(stage, scope);
      const walk = walkWindows(stage, around, scope);
      const places = placesOf(stage, read);
      const groups = filterGroups(stage);
      const parts = range(Math.ceil(places.length / GRADIENT_SUMS)).map(
        (part) =>
          range(places.length).slice(
            part * GRADIENT_SUMS,
            (part + 1) * GRADIENT_SUMS,
          ),
      );
      const ofFilter = groups.map((group) =>
        parts.map((part, number) => {
          const held = part.map((place) => weightBytes(stage, place, group));
          const withBias = (code: Code) => number === 0 ? code : [];
          return [
            held.map((place, index) => sums[index].set(f32x4.load(dw, place))),
            withBias(loadMade(sum, db, stage, group)),
            walk(x.add(16 * group.vector), dy, ({ at, to }) => [
              loadMade(g, to, stage, group),
              withBias(sum.set(sum.add(g))),
              part.map((place, index) =>
                sums[index].set(
                  f32x4.load(at, places[place])
                    .mulAdd(g, sums[index], fused),
                )
              ),
            ]),
            held.map((place, index) => store(dw, sums[index], place)),
            withBias(storeMade(db, sum, stage, group)),
          ];
        })
      );
      const ofInput = groups.map((group) => {
        const { hold, weights } = weightsOf(w, group);
        return [
          hold,
          walk(dx.add(16 * group.vector), dy, ({ at, to }) => [
            loadMade(g, to, stage, group),
            // What lies behind the last channel is the next place's.
            g.set(firstLanes(g, group.lanes)),
            places.map((place, index) =>
              store(
                at,
                weights[index].mulAdd(g, f32x4.load(at, place), fused),
                place,
              )
            ),
          ]),
        ];
      });
      return [
        unbendPlane({ y, dy }, activation, made, scope),
        ofFilter,
        first ? [] : ofInput,
      ];
    },
  );
}

/** A filter `[m, kh, kw, vectors, 4]`, each way. */
export const DEPTHWISE: StageCode<"depthwise"> = {
  sizes({ window, input, multiplier }) {
    const size = multiplier * sizeOf(window) * 4 * vectorsOf(input[2]);
    return { forward: size, back: size, sums: size };
  },
  *places(stage) {
    const { window, input, multiplier } = stage;
    for (let place = 0; place < sizeOf(window); place++) {
      for (let channel = 0; channel < input[2]; channel++) {
        for (let each = 0; each < multiplier; each++) {
          const first = { vector: 0, lanes: 4, each };
          const at = weightBytes(stage, place, first) / 4 + channel;
          yield { forward: at, back: at, sums: at };
        }
      }
    }
  },
  forward: depthwiseForward,
  backward: depthwiseBackward,
};

/** No filter. */
const UNWEIGHTED = {
  sizes: (): ByUse => ({ forward: 0, back: 0, sums: 0 }),
  places: (): ByUse[] => [],
};

/** A walk over images that lie differently, in step, four numbers of a row at once. */
function walkNumbers(
  { input }: Stage<"sum">,
  planes: Plane[],
  scope: Scope,
) {
  const lines = scope.array("line", planes.length, i32);
  const places = scope.array("at", planes.length, i32);
  const { row, left } = scope.locals(named(i32, "row", "left"));
  const numbers = input[1] * input[2];
  const rest = numbers % 4;
  return (
    images: I32[],
    body: (at: Pointer[], lanes: number) => Code,
  ): Code => [
    lines.map((line, image) => line.set(images[image])),
    row.set(i32.const(input[0])),
    countDown(row, 1, [
      places.map((at, image) => at.set(lines[image])),
      left.set(i32.const(Math.floor(numbers / 4))),
      countDown(left, 1, [
        body(places, 4),
        places.map((at) => advance(at, 16)),
      ]),
      rest > 0 ? body(places, rest) : [],
      lines.map((line, image) => advance(line, planes[image].row)),
    ]),
  ];
}

function sumForward(stage: Stage<"sum">, around: Surroundings) {
  const { index, read, made, added } = around;
  return defineFunction(`forward${index}`, FORWARD, (given, scope) => {
    const { total } = scope.locals({ total: f32x4 });
    const planes = [read, added?.plane ?? read, made];
    const walk = walkNumbers(stage, planes, scope);
    return walk([given.x, given.added, given.y], ([x, skipped, y], lanes) => [
      total.set(f32x4.load(x).add(f32x4.load(skipped))),
      bendAndPut(
        total,
        stage.activation,
        around,
        (value, further) => storeLanes(y, value, lanes, further),
      ),
    ]);
  });
}

function sumBackward(stage: Stage<"sum">, around: Surroundings) {
  const { index, read, made, first, added } = around;
  return defineFunction(`backward${index}`, BACKWARD, (given, scope) => {
    const { dx, dadded, y, dy } = given;
    const { total } = scope.locals({ total: f32x4 });
    // Whoever made what is added, or it is added to, gets all of ∂L/∂y.
    const makers = [
      ...first ? [] : [{ slopes: dx, plane: read }],
      ...added && !added.first ? [{ slopes: dadded, plane: added.plane }] : [],
    ];
    const walk = walkNumbers(
      stage,
      [made, ...makers.map(({ plane }) => plane)],
      scope,
    );
    return [
      unbendPlane({ y, dy }, stage.activation, made, scope),
      walk(
        [dy, ...makers.map(({ slopes }) => slopes)],
        ([from, ...others], lanes) =>
          others.map((to) => [
            total.set(f32x4.load(to).add(f32x4.load(from))),
            storeLanes(to, total, lanes),
          ]),
      ),
    ];
  });
}

/** A sum, number by number. */
export const SUM: StageCode<"sum"> = {
  ...UNWEIGHTED,
  forward: sumForward,
  backward: sumBackward,
};

/** A walk over the rows of a window, which may be many: `line` is each one's first number. */
function walkRows(
  { window }: Stage<"mean" | "largest">,
  { read }: Surroundings,
  scope: Scope,
) {
  const { start, left } = scope.locals(named(i32, "start", "left"));
  return (at: I32, body: (line: Pointer) => Code): Code => [
    start.set(at),
    left.set(i32.const(window[0])),
    countDown(left, 1, [body(start), advance(start, read.row)]),
  ];
}

/** Loop order: channels by four, v, u, places of a window. */
function meanForward(stage: Stage<"mean">, around: Surroundings) {
  const { input, window, factor, activation } = stage;
  const { index, read } = around;
  return defineFunction(`forward${index}`, FORWARD, ({ x, y }, scope) => {
    const { sum } = scope.locals({ sum: f32x4 });
    const walk = walkWindows(stage, around, scope);
    const rows = walkRows(stage, around, scope);
    const share = f32x4.const(factor);
    return channelVectors(input[2]).map(({ vector, lanes }) =>
      walk(x.add(16 * vector), y.add(16 * vector), ({ at, to }) => [
        sum.set(f32x4.const(0)),
        rows(
          at,
          (line) =>
            range(window[1]).map((column) =>
              sum.set(sum.add(f32x4.load(line, column * read.pixel)))
            ),
        ),
        sum.set(sum.mul(share)),
        bendAndPut(
          sum,
          activation,
          around,
          (value, further) => storeLanes(to, value, lanes, further),
        ),
      ])
    );
  });
}

function meanBackward(stage: Stage<"mean">, around: Surroundings) {
  const { input, window, factor, activation } = stage;
  const { index, read, made } = around;
  return defineFunction(
    `backward${index}`,
    BACKWARD,
    ({ dx, y, dy }, scope) => {
      const { g } = scope.locals({ g: f32x4 });
      const walk = walkWindows(stage, around, scope);
      const rows = walkRows(stage, around, scope);
      const share = f32x4.const(factor);
      return [
        unbendPlane({ y, dy }, activation, made, scope),
        channelVectors(input[2]).map(({ vector, lanes }) =>
          walk(dx.add(16 * vector), dy.add(16 * vector), ({ at, to }) => [
            g.set(firstLanes(f32x4.load(to).mul(share), lanes)),
            rows(at, (line) =>
              range(window[1]).map((column) => {
                const place = column * read.pixel;
                return store(line, f32x4.load(line, place).add(g), place);
              })),
          ])
        ),
      ];
    },
  );
}

/** The sum of windows times a factor, of ∂L/∂y as much for each number. */
export const MEAN: StageCode<"mean"> = {
  ...UNWEIGHTED,
  forward: meanForward,
  backward: meanBackward,
};

/** Keeps, at `winner`, how many bytes from a window's first number the first of its largest is. */
function largestForward(stage: Stage<"largest">, around: Surroundings) {
  const { input, window } = stage;
  const { index, read } = around;
  return defineFunction(
    `forward${index}`,
    FORWARD,
    ({ x, y, winner }, scope) => {
      const { best, value, place } = scope.locals({
        best: f32x4,
        value: f32x4,
        place: i32x4,
      });
      const walk = walkWindows(stage, around, scope);
      const rows = walkRows(stage, around, scope);
      return channelVectors(input[2]).map(({ vector, lanes }) =>
        walk(x.add(16 * vector), y.add(16 * vector), ({ at, to }) => [
          best.set(f32x4.load(at)),
          place.set(i32x4.const(0)),
          rows(at, (line) =>
            range(window[1]).map((column) => [
              value.set(f32x4.load(line, column * read.pixel)),
              // Later places are more bytes away: of all that were better, the last is the best.
              place.set(
                place.maxS(
                  value.gt(best).and(
                    i32x4.splat(line.sub(at).add(column * read.pixel)),
                  ),
                ),
              ),
              best.set(best.pmax(value)),
            ])),
          storeLanes(to, best, lanes),
          storeLanes(to.add(winner.sub(y)), place, lanes),
        ])
      );
    },
  );
}

function largestBackward(stage: Stage<"largest">, around: Surroundings) {
  const { input } = stage;
  const { index } = around;
  return defineFunction(
    `backward${index}`,
    BACKWARD,
    ({ dx, dy, winner }, scope) => {
      const { channel, from, own, won } = scope.locals(
        named(i32, "channel", "from", "own", "won"),
      );
      const walk = walkWindows(stage, around, scope);
      return walk(dx, dy, ({ at, to }) => [
        own.set(at),
        from.set(to),
        channel.set(i32.const(input[2])),
        countDown(channel, 1, [
          won.set(own.add(i32.load(from.add(winner.sub(dy))))),
          store(won, f32.load(won).add(f32.load(from))),
          advance(own, 4),
          advance(from, 4),
        ]),
      ]);
    },
  );
}

/** The largest of windows, to the first of which all of ∂L/∂y goes. */
export const LARGEST: StageCode<"largest"> = {
  ...UNWEIGHTED,
  forward: largestForward,
  backward: largestBackward,
};
