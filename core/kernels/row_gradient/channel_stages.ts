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
  f32x4,
  type I32,
  i32,
  i32x4,
  named,
  type Pointer,
  range,
  type Scope,
  store,
  storeLanes,
} from "../wasm/code.ts";
import { sizeOf, type Stage } from "./op.ts";
import {
  BACKWARD,
  bendAndPut,
  channelVectors,
  firstLanes,
  FORWARD,
  placesOf,
  type StageCode,
  type Surroundings,
  unbendPlane,
  UNWEIGHTED,
  vectorsOf,
  walkWindows,
} from "./stage_code.ts";

/** Weights of a window that stay in registers, beside a sum and a factor. */
const HELD_WEIGHTS = 12;

/** Sums of a filter's gradient at once, beside a gradient and the bias's. */
const GRADIENT_SUMS = 12;

/** Bytes from place to place in a packed filter. */
function placeBytes({ input }: Stage<"depthwise">): number {
  return 16 * vectorsOf(input[2]);
}

/**
 * The weight of each place of a window, of a vector of channels: code that makes them ready,
 * and the values.
 */
function holdWeights(
  stage: Stage<"depthwise">,
  scope: Scope,
) {
  const size = sizeOf(stage.window);
  const held = scope.array("w", Math.min(size, HELD_WEIGHTS), f32x4);
  return (filter: I32, vector: number) => {
    const loads = range(size).map((place) =>
      f32x4.load(filter, placeBytes(stage) * place + 16 * vector)
    );
    return {
      hold: held.map((weight, place) => weight.set(loads[place])),
      weights: loads.map((load, place) => held[place] ?? load),
    };
  };
}

/** Loop order: channels by four, v, u, places of a window. */
function depthwiseForward(stage: Stage<"depthwise">, around: Surroundings) {
  const { input, activation } = stage;
  const { index, read, fused } = around;
  return defineFunction(
    `forward${index}`,
    FORWARD,
    ({ x, y, filter, bias }, scope) => {
      const { sum, offset } = scope.locals({ sum: f32x4, offset: f32x4 });
      const weightsOf = holdWeights(stage, scope);
      const walk = walkWindows(stage, around, scope);
      const places = placesOf(stage, read);
      return channelVectors(input[2]).map(({ vector, lanes }) => {
        const { hold, weights } = weightsOf(filter, vector);
        return [
          hold,
          offset.set(f32x4.load(bias, 16 * vector)),
          walk(x.add(16 * vector), y.add(16 * vector), ({ at, to }) => [
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
              (value, further) => storeLanes(to, value, lanes, further),
            ),
          ]),
        ];
      });
    },
  );
}

/** Loop order of each gradient: channels by four, places of a window by a few, v, u. */
function depthwiseBackward(stage: Stage<"depthwise">, around: Surroundings) {
  const { input, activation } = stage;
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
      const vectors = channelVectors(input[2]);
      const groups = range(Math.ceil(places.length / GRADIENT_SUMS)).map(
        (group) =>
          range(places.length).slice(
            group * GRADIENT_SUMS,
            (group + 1) * GRADIENT_SUMS,
          ),
      );
      const ofFilter = vectors.map(({ vector }) =>
        groups.map((group, number) => {
          const held = group.map((place) =>
            placeBytes(stage) * place + 16 * vector
          );
          const withBias = (code: Code) => number === 0 ? code : [];
          return [
            held.map((place, index) => sums[index].set(f32x4.load(dw, place))),
            withBias(sum.set(f32x4.load(db, 16 * vector))),
            walk(x.add(16 * vector), dy.add(16 * vector), ({ at, to }) => [
              g.set(f32x4.load(to)),
              withBias(sum.set(sum.add(g))),
              group.map((place, index) =>
                sums[index].set(
                  f32x4.load(at, places[place])
                    .mulAdd(g, sums[index], fused),
                )
              ),
            ]),
            held.map((place, index) => store(dw, sums[index], place)),
            withBias(store(db, sum, 16 * vector)),
          ];
        })
      );
      const ofInput = vectors.map(({ vector, lanes }) => {
        const { hold, weights } = weightsOf(w, vector);
        return [
          hold,
          walk(dx.add(16 * vector), dy.add(16 * vector), ({ at, to }) => [
            // What lies behind the last channel is the next place's.
            g.set(firstLanes(f32x4.load(to), lanes)),
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

/** A filter `[kh, kw, vectors, 4]`, each way. */
export const DEPTHWISE: StageCode<"depthwise"> = {
  sizes({ window, input }) {
    const size = sizeOf(window) * 4 * vectorsOf(input[2]);
    return { forward: size, back: size, sums: size };
  },
  *places({ window, input }) {
    const width = 4 * vectorsOf(input[2]);
    for (let place = 0; place < sizeOf(window); place++) {
      for (let channel = 0; channel < input[2]; channel++) {
        const at = place * width + channel;
        yield { forward: at, back: at, sums: at };
      }
    }
  },
  forward: depthwiseForward,
  backward: depthwiseBackward,
};

/** A walk over the rows of a window, which may be many: `line` is each one's first number. */
function walkRows(
  { window }: Stage<"sum" | "largest">,
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
function sumForward(stage: Stage<"sum">, around: Surroundings) {
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

function sumBackward(stage: Stage<"sum">, around: Surroundings) {
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
export const SUM: StageCode<"sum"> = {
  ...UNWEIGHTED,
  forward: sumForward,
  backward: sumBackward,
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
