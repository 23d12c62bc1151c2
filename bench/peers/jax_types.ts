// What we use of jax-js, whose package only the benchmark's own process loads.

/** An array of jax-js. Using one up is the callee's; `ref` keeps it. */
export interface Value {
  ref: Value;
  add(other: Value): Value;
  sub(other: Value): Value;
  mul(other: Value | number): Value;
  sum(): Value;
  reshape(shape: number[]): Value;
  data(): Promise<unknown>;
}

/** Weights by name. */
export type Parameters = Record<string, Value>;

/** The package's module. */
export interface Jax {
  init(device: string): Promise<string[]>;
  defaultDevice(device: string): void;
  jit<Arguments extends unknown[], Result>(
    work: (...values: Arguments) => Result,
  ): (...values: Arguments) => Result;
  valueAndGrad<Rest extends unknown[]>(
    loss: (parameters: Parameters, ...rest: Rest) => Value,
  ): (parameters: Parameters, ...rest: Rest) => [Value, Parameters];
  blockUntilReady(values: unknown): Promise<unknown>;
  tree: { ref(values: Parameters): Parameters };
  numpy: {
    array(
      values: Float32Array | Int32Array,
      options?: { dtype: unknown },
    ): Value;
    zeros(shape: number[]): Value;
    dot(a: Value, b: Value): Value;
    max(values: Value): Value;
    int32: unknown;
  };
  lax: {
    convGeneralDilated(
      x: Value,
      filter: Value,
      strides: number[],
      padding: "VALID",
    ): Value;
    reduceWindow(
      x: Value,
      reduce: (values: Value) => Value,
      size: number[],
      strides: number[],
    ): Value;
  };
  nn: {
    relu(x: Value): Value;
    logSoftmax(x: Value): Value;
    oneHot(labels: Value, classes: number): Value;
  };
}
