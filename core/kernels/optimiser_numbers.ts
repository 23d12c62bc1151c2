/** Reads a kernel's attribute, a number. */
type ReadNumber = (name: string) => number;

/** What Adam's kernel needs, by name: β₁, 1 − β₁, β₂, 1 − β₂ and the step's numbers. */
export function adamNumbers(number: ReadNumber) {
  return {
    beta1: number("beta1"),
    rest1: 1 - number("beta1"),
    beta2: number("beta2"),
    rest2: 1 - number("beta2"),
    epsilon: number("epsilon"),
    rate: number("rate"),
    correction: number("correction"),
  };
}

/** What Adadelta's kernel needs, by name: ρ, 1 − ρ and the step's numbers. */
export function adadeltaNumbers(number: ReadNumber) {
  return {
    rho: number("rho"),
    rest: 1 - number("rho"),
    epsilon: number("epsilon"),
    learningRate: number("learningRate"),
  };
}

/** What SGD's kernel needs, by name. */
export function sgdNumbers(number: ReadNumber) {
  return {
    momentum: number("momentum"),
    learningRate: number("learningRate"),
  };
}
