import {
  implementOnWebGpu,
  type Program,
  runProgram,
} from "../webgpu/run_program.ts";
import { mixedLossKernel, TERM_NAMES } from "./op.ts";

/**
 * Losses `[n, members]` and their gradient by the logits
 * `[n, members, classes]`.
 */
function mixedLossProgram(
  [n, members, classes]: readonly [number, number, number],
): Program {
  return {
    key: "mixedLoss",
    inputs: [
      { name: "logits", lanes: 1 },
      { name: "labels", lanes: 1 },
      { name: "teacherLogits", lanes: 1 },
      { name: "terms", lanes: 1 },
    ],
    outputs: [
      { name: "losses", shape: [n, members], dtype: "float32", lanes: 1 },
      {
        name: "gradient",
        shape: [n, members, classes],
        dtype: "float32",
        lanes: 1,
      },
    ],
    uniforms: [
      { name: "members", type: "i32", value: members },
      { name: "classes", type: "i32", value: classes },
      { name: "rows", type: "i32", value: n * members },
    ],
    invocations: [n * members],
    // Each sum of exponentials is of differences from its largest term, so that
    // none overflows and the largest is 1. A GPU's exp and max may hide NaN, by
    // which divergence is found, so that it is looked for and passed on. The
    // teacher's logits are as good as 0 where no term needs them, and a term of
    // which the coefficient is 0 is left out, for 0 · NaN is NaN.
    code: `fn weighted(coefficient : f32, value : f32) -> f32 {
  return select(0.0, coefficient * value, coefficient != 0.0);
}
fn main(i : i32) {
  if (i >= uniforms.rows) { return; }
  let example = i / uniforms.members;
  let member = i - example * uniforms.members;
${
      TERM_NAMES.map((name, at) =>
        `  let ${name} = terms[${TERM_NAMES.length} * member + ${at}];`
      ).join("\n")
    }
  let zAt = i * uniforms.classes;
  let vAt = example * uniforms.classes;
  let given = labels[example];
  let label = clamp(given, 0, uniforms.classes - 1);
  let taught = b != 0.0 || c != 0.0;

  var zTotal = logits[zAt];
  var zMost = logits[zAt];
  var vTotal = teacherLogits[vAt];
  var vMost = teacherLogits[vAt];
  for (var k = 1; k < uniforms.classes; k++) {
    zTotal += logits[zAt + k];
    zMost = max(zMost, logits[zAt + k]);
    vTotal += teacherLogits[vAt + k];
    vMost = max(vMost, teacherLogits[vAt + k]);
  }
  let broken = given != label || isnan(zTotal) || (taught && isnan(vTotal));

  var hardSum = 0.0; // Σ exp(z − max z)
  var softSum = 0.0; // the same at temperature T
  var wantedSum = 0.0; // the same of the teacher's
  for (var k = 0; k < uniforms.classes; k++) {
    let z = logits[zAt + k] - zMost;
    hardSum += exp(z);
    softSum += exp(z / T);
    wantedSum += exp(select(0.0, teacherLogits[vAt + k] - vMost, taught) / T);
  }
  let logSoftSum = log(softSum);
  let logWantedSum = log(wantedSum);

  var divergence = 0.0;
  var squares = 0.0;
  for (var k = 0; k < uniforms.classes; k++) {
    let z = logits[zAt + k] - zMost;
    let v = select(0.0, teacherLogits[vAt + k] - vMost, taught);
    let logWanted = v / T - logWantedSum;
    let wanted = exp(v / T) / wantedSum;
    let difference = logits[zAt + k] - select(0.0, teacherLogits[vAt + k], taught);
    divergence += wanted * (logWanted - (z / T - logSoftSum));
    squares += difference * difference;
    let slope = weighted(a, exp(z) / hardSum - select(0.0, 1.0, k == label))
      + weighted(b * T, exp(z / T) / softSum - wanted)
      + weighted(c * 2.0 / f32(uniforms.classes), difference);
    gradient[zAt + k] = select(slope, uniforms.NAN, broken);
  }
  let loss = weighted(a, log(hardSum) - (logits[zAt + label] - zMost))
    + weighted(b * T * T, divergence)
    + weighted(c / f32(uniforms.classes), squares);
  losses[i] = select(loss, uniforms.NAN, broken);
}`,
  };
}

/** Kernel `RetortMixedLoss`: see `mixedLoss` of `op.ts`. */
export const mixedLoss = implementOnWebGpu(
  mixedLossKernel,
  (webgpu, { logits, labels, teacherLogits, terms }) => {
    const [n, members, classes] = logits.shape;
    return runProgram(
      webgpu,
      mixedLossProgram([n, members, classes]),
      [logits, labels, teacherLogits, terms],
    );
  },
);
