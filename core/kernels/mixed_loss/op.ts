import * as tf from "../../tf.ts";
import { checkInputShape, defineKernel, runKernel } from "../kernel.ts";
import { withGradient } from "../with_gradient.ts";

/** The numbers by which {@linkcode mixedLoss} makes a member's loss. */
export interface MixedTerms {
  /** Factor of the cross-entropy. */
  readonly a: number;
  /** Factor of the divergence from the teacher, beside T². */
  readonly b: number;
  /** Factor of the mean squared difference of logits. */
  readonly c: number;
  /** Temperature of the divergence, > 0. */
  readonly T: number;
}

/** Each with the value that leaves it out, in the order of a row of terms. */
export const NEUTRAL_TERMS: MixedTerms = { a: 0, b: 0, c: 0, T: 1 };

/** Their names, in the order of a row. */
export const TERM_NAMES = Object.keys(NEUTRAL_TERMS);

/**
 * A row of terms a member, `[members, 4]`, as {@linkcode mixedLoss} takes them; what a
 * member doesn't name is left out of its loss.
 */
export function packTerms(members: readonly Partial<MixedTerms>[]): tf.Tensor {
  const rows = members.map((terms) =>
    Object.values({ ...NEUTRAL_TERMS, ...terms })
  );
  return tf.tensor2d(rows.flat(), [rows.length, TERM_NAMES.length]);
}

/** What {@linkcode mixedLoss} compares logits with. */
export interface MixedTargets {
  /** Classes, from 0, int32 `[n]`. */
  labels: tf.Tensor;
  /** The teacher's logits v `[n, classes]`; any where no term needs them. */
  teacherLogits: tf.Tensor;
  /** A row (a, b, c, T) a member, T > 0, by {@linkcode packTerms}: `[members, 4]`. */
  terms: tf.Tensor;
}

/** Kernel of {@linkcode mixedLoss}: losses and their gradient by the logits. */
export const mixedLossKernel = defineKernel({
  name: "RetortMixedLoss",
  inputs: {
    logits: "float32",
    labels: "int32",
    teacherLogits: "float32",
    terms: "float32",
  },
  attributes: {},
  check: ({ logits, labels, teacherLogits, terms }) => {
    const [n, members, classes] = logits.shape;
    checkInputShape("labels", labels, [n]);
    checkInputShape("teacherLogits", teacherLogits, [n, classes]);
    checkInputShape("terms", terms, [members, TERM_NAMES.length]);
  },
});

function checkShapes(
  logits: tf.Tensor,
  { labels, teacherLogits, terms }: MixedTargets,
): void {
  const [n, members, classes] = logits.shape;
  const shapes = [logits, labels, teacherLogits, terms].map(({ shape }) =>
    `[${shape.join(", ")}]`
  ).join(", ");
  const wanted =
    `[${n}, ${members}, ${classes}], [${n}], [${n}, ${classes}], [${members}, ${TERM_NAMES.length}]`;
  if (logits.rank !== 3 || shapes !== wanted) {
    throw new RangeError(
      `Cannot compute losses: logits, labels, teacher's logits and terms must have the shapes [n, members, classes], [n], [n, classes], [members, ${TERM_NAMES.length}]: current value is ${shapes}`,
    );
  }
}

/**
 * `coefficient` · `value`, and 0 where the coefficient is, be the value NaN.
 */
function weigh(coefficient: tf.Tensor, value: tf.Tensor): tf.Tensor {
  const weighted = tf.mul(coefficient, value);
  return tf.where(tf.notEqual(coefficient, 0), weighted, 0);
}

/** Losses and gradient by tfjs's own operations. */
function composeMixedLoss(
  logits: tf.Tensor,
  { labels, teacherLogits, terms }: MixedTargets,
): tf.Tensor[] {
  const [, members, classes] = logits.shape;
  const [a, b, c, T] = tf.split(terms, TERM_NAMES.length, 1); // each [members, 1]
  const y = tf.expandDims(tf.oneHot(tf.cast(labels, "int32"), classes), 1);
  const isClass = tf.logicalAnd(
    tf.greaterEqual(labels, 0),
    tf.less(labels, classes),
  );
  const known = tf.where(isClass, 0, NaN); // [n]
  const v = tf.expandDims(teacherLogits, 1); // [n, 1, classes]
  const logP = tf.logSoftmax(logits);
  const logSoft = tf.logSoftmax(tf.div(logits, T)); // [n, members, classes]
  const logWanted = tf.logSoftmax(tf.div(v, T));
  const wanted = tf.exp(logWanted);
  const difference = tf.sub(logits, v);
  const perMember = (column: tf.Tensor) => tf.reshape(column, [members]);
  const losses = tf.addN([
    weigh(perMember(a), tf.neg(tf.sum(tf.mul(y, logP), -1))),
    weigh(
      perMember(tf.mul(b, tf.square(T))),
      tf.sum(tf.mul(wanted, tf.sub(logWanted, logSoft)), -1),
    ),
    weigh(perMember(c), tf.mean(tf.square(difference), -1)),
  ]);
  const gradient = tf.addN([
    weigh(a, tf.sub(tf.exp(logP), y)),
    weigh(tf.mul(b, T), tf.sub(tf.exp(logSoft), wanted)),
    weigh(tf.mul(c, 2 / classes), difference),
  ]);
  return [
    tf.add(losses, tf.reshape(known, [-1, 1])),
    tf.add(gradient, tf.reshape(known, [-1, 1, 1])),
  ];
}

/**
 * For each example and member, with the member's own (a, b, c, T):
 *
 * a · −log softmax(z)_label + b · T² · KL(softmax(v / T) ‖ softmax(z / T))
 * + c · (1 / classes) Σ (z − v)²
 *
 * Logits z `[n, members, classes]` → losses `[n, members]`, in nats where they
 * are entropies. Cross-entropy is (1, 0, 0, 1), logit regression (0, 0, 1, 1),
 * and distillation at temperature T with share α (1 − α, α, 0, T).
 *
 * ∂loss/∂z = a · (softmax(z) − y) + b · T · (softmax(z / T) − softmax(v / T)) +
 * c · (2 / classes) · (z − v), y being 1 at the label and 0 elsewhere; it is
 * made in the same pass. Neither saturates nor clips.
 *
 * A term of which the coefficient is 0 is left out: a member whose b and c are
 * 0 is the same whatever the teacher's logits are, NaN included. An example
 * whose label is no class has NaN for all losses and slopes; on Wasm, where
 * looking at labels costs nothing, a `RangeError` is thrown instead. Throws a
 * `RangeError` too where the shapes don't go together.
 *
 * Sources: Hinton, Vinyals and Dean, "Distilling the knowledge in a neural
 * network", 2015; Ba and Caruana, "Do deep nets really need to be deep?", 2014.
 */
export function mixedLoss(
  logits: tf.Tensor,
  targets: MixedTargets,
): tf.Tensor {
  checkShapes(logits, targets);
  const { labels, teacherLogits, terms } = targets;
  const forward = () => {
    const [losses, gradient] = runKernel(
      mixedLossKernel,
      { logits, labels, teacherLogits, terms },
      {},
      () => composeMixedLoss(logits, targets),
    );
    return { value: losses, saved: [gradient] };
  };
  return withGradient([logits], forward, (dy, [gradient]) => [
    tf.mul(gradient, tf.expandDims(dy, -1)),
  ]);
}
