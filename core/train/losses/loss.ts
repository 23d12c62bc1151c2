import type { MixedTerms } from "../../kernels/mixed_loss/op.ts";

/** The numbers that each kind of loss has of its own, by name. */
export interface LossParameters {
  /** Logit regression has none. */
  "logit-mse": Record<never, never>;
  /** Cross-entropy has none. */
  "cross-entropy": Record<never, never>;
  /** Distillation at a temperature. */
  distillation: {
    /** T, > 0. */
    temperature: number;
    /** Weight of the teacher, from 0 to 1. */
    alpha: number;
  };
}

/** Which formula a model learns by. */
export type LossKind = keyof LossParameters;

/** Which loss a model learns by, as plain data. */
export type LossSpec<K extends LossKind = LossKind> = {
  [Kind in K]: { kind: Kind } & LossParameters[Kind];
}[K];

/** The factors and the temperature by which {@linkcode mixedLoss} makes a loss; what isn't named is left out. */
export type LossTerms = Partial<MixedTerms>;

/** What is known of a number that a loss has. */
export interface ParameterRule {
  /** What names of losses call it: the T of `distillation(T=4,alpha=0.9)`. */
  symbol: string;
  /** Its value must be larger. */
  above?: number;
  /** Smallest value taken. */
  min?: number;
  /** Largest value taken. */
  max?: number;
  /** What the command line takes unless told. */
  usual: number;
  /** What it does, for `--help`. */
  help: string;
}

/** All that is to know of one kind of loss: to add a kind is to write its rule. */
export interface LossRule<K extends LossKind> {
  /** What `--loss` calls it. */
  option: string;
  /** How the names of its students' files begin. */
  prefix: string;
  /** Whether it compares with a teacher, whose logits it needs then. */
  distils: boolean;
  /** Its numbers, in the order in which they are written. */
  parameters: {
    readonly [Name in keyof LossParameters[K]]: ParameterRule;
  };
  /** What readers of tables and charts see. */
  describe(loss: LossSpec<K>): string;
  /**
   * (a, b, c, T), so that it is a · cross-entropy + b · T² · the divergence from the
   * teacher at temperature T + c · the mean squared difference of logits.
   */
  terms(loss: LossSpec<K>): LossTerms;
}
