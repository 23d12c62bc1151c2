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
  defineModule,
  exportFunction,
  f32x4,
  type I32,
  i32,
  i32x4,
  memoise,
  named,
  range,
  type Scope,
  store,
  storeLanes,
} from "../wasm/code.ts";
import {
  heapFunctions,
  heapMemory,
  heapOffset,
  implementOnWasm,
  makeOutput,
  withWorkspace,
} from "../wasm/heap.ts";
import { DEPTHWISE, LARGEST, MEAN, SUM } from "./channel_stages.ts";
import { CONVOLUTION } from "./convolution_stage.ts";
import {
  biasSize,
  classesOf,
  countWeights,
  filterSize,
  hasFrame,
  outputOf,
  rowGradientKernel,
  sizeOf,
  type Stage,
  type StageKind,
} from "./op.ts";
import {
  type ByUse,
  madePlane,
  type Plane,
  planeOf,
  type StageCode,
  type Surroundings,
  vectorsOf,
} from "./stage_code.ts";

/** How every kind of stage is run. */
const CODE: { readonly [K in StageKind]: StageCode<K> } = {
  convolution: CONVOLUTION,
  depthwise: DEPTHWISE,
  mean: MEAN,
  largest: LARGEST,
  sum: SUM,
};

function codeOf<K extends StageKind>(stage: Stage<K>): StageCode<K> {
  return CODE[stage.kind];
}

/** Whether nothing before stage `index` has weights: nobody asks for the gradient of what it reads. */
function isFirst(stages: readonly Stage[], index: number): boolean {
  return stages.slice(0, index).every((stage) => filterSize(stage) === 0);
}

/** Where the parts of a stage lie, in bytes. */
interface StagePlaces {
  /** In the record of an image: what it reads, and makes, and the winners. */
  read: Plane;
  made: Plane;
  x: number;
  y: number;
  winner: number;
  /** What it makes, before it is rounded where it is. */
  unrounded: number;
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
  let x = take("record", planeOf(stages[0]).total / 4);
  const places = stages.map((stage, index): StagePlaces => {
    const read = planeOf(stage);
    const made = madePlane(stage, stages[index + 1]);
    const width = 4 * vectorsOf(biasSize(stage));
    const packed = codeOf(stage).sizes(stage, isFirst(stages, index));
    const own = x;
    const y = x = take("record", made.total / 4);
    const rounds = "activation" in stage && stage.activation.rounds;
    return {
      read,
      made,
      x: own,
      y,
      winner: take("record", made.total / 4),
      unrounded: rounds ? take("record", made.total / 4) : y,
      filter: take("weights", packed.forward),
      bias: take("weights", width),
      back: take("weights", packed.back),
      dw: take("sums", packed.sums),
      db: take("sums", width),
      // Nobody asks for those of what no weights made.
      dx: take("scratch", isFirst(stages, index) ? 0 : read.total / 4),
    };
  });
  const pools = stages.map((stage) => sizeOf(outputOf(stage).slice(0, 2)));
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
  const put = (each: ByUse) => {
    forward[next] = each.forward;
    back[next] = each.back;
    sums[next++] = each.sums;
  };
  stages.forEach((stage, index) => {
    const { filter, bias, back, dw, db } = places[index];
    for (const each of codeOf(stage).places(stage, isFirst(stages, index))) {
      put({
        forward: filter / 4 + each.forward,
        back: back / 4 + each.back,
        sums: dw / 4 + each.sums,
      });
    }
    for (let each = 0; each < biasSize(stage); each++) {
      put({ forward: bias / 4 + each, back: -1, sums: db / 4 + each });
    }
  });
  return { forward, back, sums };
}

/** All that is known of a row before its first image. */
const prepareRow = memoise((stages: readonly Stage[]) => {
  const plan = planRow(stages);
  return { plan, packing: planPacking(stages, plan) };
});

/**
 * Writes an image's bytes at `from`, of which 255 is `white`, into the record at `to`, where
 * `stage` reads them.
 */
function unpackImage(
  stage: Stage,
  { from, to, white }: { from: I32; to: I32; white: number },
  scope: Scope,
): Code {
  const { byte, number, line, left, rows } = scope.locals(
    named(i32, "byte", "number", "line", "left", "rows"),
  );
  const { pixels } = scope.locals({ pixels: f32x4 });
  const { start, row } = planeOf(stage);
  const [height, width, channels] = stage.input;
  const framed = hasFrame(stage);
  // Without zeros beside its rows an image is one row, and what is written behind it nobody's.
  const numbers = framed ? width * channels : sizeOf(stage.input);
  const rest = framed ? numbers % 4 : 0;
  const bytes = i32x4.loadBytes(byte).toFloatsU();
  const next = white === 255 ? bytes : bytes.mul(f32x4.const(white / 255));
  return [
    byte.set(from),
    line.set(to.add(start)),
    rows.set(i32.const(framed ? height : 1)),
    countDown(rows, 1, [
      number.set(line),
      left.set(i32.const(rest ? Math.floor(numbers / 4) : vectorsOf(numbers))),
      countDown(left, 1, [
        store(number, next),
        advance(byte, 4),
        advance(number, 16),
      ]),
      rest
        ? [
          pixels.set(next),
          storeLanes(number, pixels, rest),
          advance(byte, rest),
        ]
        : [],
      advance(line, row),
    ]),
  ];
}

/** Reads images, and their gradients, one after another through all `stages`. */
const rowModule = memoise(
  (
    { stages, white, fused }: {
      stages: readonly Stage[];
      white: number;
      fused: boolean;
    },
  ) =>
    defineModule("row_gradient", () => {
      const { plan } = prepareRow(stages);
      const { places, list, record: recordBytes } = plan;
      /** The stage whose input stage `index`, a sum, adds. */
      const addedBy = (index: number) => {
        const stage = stages[index];
        return stage.kind === "sum" ? index - stage.back : undefined;
      };
      const around = (index: number): Surroundings => {
        const { read, made, y, unrounded } = places[index];
        const from = addedBy(index);
        return {
          index,
          read,
          made,
          apart: unrounded - y,
          fused,
          first: isFirst(stages, index),
          added: from === undefined ? undefined : {
            plane: places[from].read,
            first: isFirst(stages, from),
          },
        };
      };
      /** Bytes of the first number that is added, in a record or, as ∂L/∂x, in scratch memory. */
      const addedAt = (index: number, part: "x" | "dx") => {
        const { read, ...from } = places[addedBy(index) ?? index];
        return from[part] + read.start;
      };
      const forwards = stages.map((stage, index) =>
        codeOf(stage).forward(stage, around(index))
      );
      const backwards = stages.map((stage, index) =>
        codeOf(stage).backward(stage, around(index))
      );
      const last = stages.length - 1;
      const classBytes = 4 * classesOf(stages);
      const pixels = sizeOf(stages[0].input);
      const forward = exportFunction(
        "forward",
        named(i32, "images", "count", "record", "logits", "weights"),
        ({ images, count, record, logits, weights }, scope) =>
          countDown(count, 1, [
            unpackImage(
              stages[0],
              { from: images, to: record.add(places[0].x), white },
              scope,
            ),
            forwards.map(({ call }, index) => {
              const { made, x, y, winner, filter, bias } = places[index];
              return call({
                x: record.add(x),
                added: record.add(addedAt(index, "x")),
                y: index === last ? logits : record.add(y + made.start),
                winner: record.add(winner + made.start),
                filter: weights.add(filter),
                bias: weights.add(bias),
              });
            }),
            advance(images, pixels),
            advance(record, recordBytes),
            advance(logits, classBytes),
          ]),
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
            // Several stages may add to one.
            clearBytes(scratch, i32.const(list)),
            [...backwards.keys()].reverse().map((index) => {
              const own = places[index];
              const above = places[index + 1];
              const first = isFirst(stages, index);
              // What no weights come before, and what has none itself, has no gradient to find.
              if (first && filterSize(stages[index]) === 0) return [];
              return [
                backwards[index].call({
                  x: record.add(own.x),
                  dx: scratch.add(own.dx),
                  dadded: scratch.add(addedAt(index, "dx")),
                  y: index === last
                    ? logits
                    : record.add(own.unrounded + own.made.start),
                  dy: above ? scratch.add(above.dx + own.made.start) : slopes,
                  winner: record.add(own.winner + own.made.start),
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
  (wasm, inputs, { stages, white }) => {
    const { words, weights, labels, teacherLogits, terms } = inputs;
    const { plan, packing } = prepareRow(stages);
    const [count] = labels.shape;
    const classes = classesOf(stages);
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
      rowModule({ stages, white, fused: hasRelaxedSimd() }),
    );
    const pixels = sizeOf(stages[0].input);
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
        if (stages.some(hasFrame)) {
          // What lies around images is written by nobody, and read as zeros.
          new Float32Array(buffer, records, group * plan.record / 4).fill(0);
        }
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
