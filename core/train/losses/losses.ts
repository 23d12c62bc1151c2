import { isRecord, parseJson, quoteJson } from "../../files/json.ts";
import { cleanText } from "../../text/clean_text.ts";
import { CROSS_ENTROPY } from "./cross_entropy.ts";
import { DISTILLATION } from "./distillation.ts";
import { LOGIT_MSE } from "./logit_mse.ts";
import type {
  LossKind,
  LossRule,
  LossSpec,
  LossTerms,
  ParameterRule,
} from "./loss.ts";

export type * from "./loss.ts";

/** The rule of every kind of loss. */
export const LOSSES: { readonly [K in LossKind]: LossRule<K> } = {
  "logit-mse": LOGIT_MSE,
  distillation: DISTILLATION,
  "cross-entropy": CROSS_ENTROPY,
};

export function isLossKind(value: unknown): value is LossKind {
  return typeof value === "string" && Object.hasOwn(LOSSES, value);
}

/** A parameter of a loss, with its rule and value. */
interface Parameter {
  name: string;
  rule: ParameterRule;
  value: unknown;
}

/** The parameters of `loss`, in their order. */
export function listParameters(loss: LossSpec): Parameter[] {
  const values: Record<string, unknown> = { ...loss };
  return Object.entries<ParameterRule>(LOSSES[loss.kind].parameters)
    .map(([name, rule]) => ({ name, rule, value: values[name] }));
}

function isWithin(
  value: unknown,
  { min = -Infinity, max = Infinity, above = -Infinity }: ParameterRule,
): boolean {
  return typeof value === "number" && Number.isFinite(value) &&
    value >= min && value <= max && value > above;
}

/**
 * Throws a `RangeError` unless each parameter of `loss` is within its bounds, for
 * distillation T > 0 and 0 ≤ α ≤ 1, and a `TypeError` where it has any other.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkLoss } from "./losses.ts";
 *
 * const loss = { kind: "distillation", temperature: 0, alpha: 1 } as const;
 * assertThrows(() => checkLoss(loss), RangeError, "temperature");
 * ```
 */
export function checkLoss(loss: LossSpec): void {
  const parameters = listParameters(loss);
  for (const { name, rule, value } of parameters) {
    if (isWithin(value, rule)) continue;
    const bounds = rule.above === undefined
      ? `from ${rule.min} to ${rule.max}`
      : `> ${rule.above}`;
    throw new RangeError(
      `Cannot learn by ${loss.kind}: ${name} must be ${bounds}: current value is ${value}`,
    );
  }
  const names = parameters.map(({ name }) => name);
  const other = Object.keys(loss).find((name) =>
    name !== "kind" && !names.includes(name)
  );
  if (other === undefined) return;
  throw new TypeError(
    `Cannot learn by ${loss.kind}: its parameters are ${
      names.join(", ") || "none"
    }: found ${cleanText(other)}`,
  );
}

/** Whether `value` is a loss that {@linkcode checkLoss} takes. */
export function isLoss(value: unknown): value is LossSpec {
  if (!isRecord(value) || !isLossKind(value.kind)) return false;
  const parameters: [string, ParameterRule][] = Object.entries(
    LOSSES[value.kind].parameters,
  );
  return Object.keys(value).length === 1 + parameters.length &&
    parameters.every(([name, rule]) => isWithin(value[name], rule));
}

/**
 * The loss of `kind`, whose parameters are those of `given` that it has, and the
 * usual ones.
 *
 * Throws a `RangeError` where one is out of its bounds, or there is no such kind.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeLoss } from "./losses.ts";
 *
 * const loss = { kind: "distillation", temperature: 2, alpha: 0.9 } as const;
 * assertEquals(makeLoss("distillation", { temperature: 2 }), loss);
 * ```
 */
export function makeLoss(
  kind: string,
  given: Readonly<Record<string, number | undefined>>,
): LossSpec {
  const rules = isLossKind(kind)
    ? Object.entries<ParameterRule>(LOSSES[kind].parameters)
    : [];
  const loss = {
    kind,
    ...Object.fromEntries(
      rules.map(([name, { usual }]) => [name, given[name] ?? usual]),
    ),
  };
  if (isLoss(loss)) return loss;
  throw new RangeError(
    `Cannot learn by ${quoteJson(loss)}: no loss is like it`,
  );
}

/**
 * `loss` as text, its parameters in one order: equal losses are equal texts.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatLoss, parseLoss } from "./losses.ts";
 *
 * const text = formatLoss({ alpha: 0.9, temperature: 4, kind: "distillation" });
 * assertEquals(text, '{"kind":"distillation","temperature":4,"alpha":0.9}');
 * assertEquals(formatLoss(parseLoss(text, "a trial's loss")), text);
 * ```
 */
export function formatLoss(loss: LossSpec): string {
  return JSON.stringify(loss, [
    "kind",
    ...listParameters(loss).map(({ name }) => name),
  ]);
}

/**
 * The loss that {@linkcode formatLoss} wrote as `text`, which errors call `source`.
 *
 * Throws a `SyntaxError` where it is none.
 */
export function parseLoss(text: string, source: string): LossSpec {
  const value = parseJson(text, source);
  if (isLoss(value)) return value;
  throw new SyntaxError(
    `Cannot read ${source}: it must be a known loss with its parameters: found ${
      cleanText(text)
    }`,
  );
}

/**
 * (a, b, c, T), so that `loss` is a · cross-entropy + b · T² · the divergence from
 * the teacher at temperature T + c · the mean squared difference of logits.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { lossTerms } from "./losses.ts";
 *
 * const loss = { kind: "distillation", temperature: 4, alpha: 0.75 } as const;
 * assertEquals(lossTerms(loss), { a: 0.25, b: 0.75, T: 4 });
 * ```
 */
export function lossTerms<K extends LossKind>(loss: LossSpec<K>): LossTerms {
  const rule: LossRule<K> = LOSSES[loss.kind];
  return rule.terms(loss);
}

/**
 * Name of a loss in tables, files and JSON: its kind, and its parameters where it
 * has any.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nameLoss } from "./losses.ts";
 *
 * const loss = { kind: "distillation", temperature: 4, alpha: 0.9 } as const;
 * assertEquals(nameLoss(loss), "distillation(T=4,alpha=0.9)");
 * ```
 */
export function nameLoss(loss: LossSpec): string {
  const parameters = listParameters(loss)
    .map(({ rule, value }) => `${rule.symbol}=${value}`);
  return parameters.length > 0 ? `${loss.kind}(${parameters})` : loss.kind;
}

/**
 * The loss that {@linkcode nameLoss} calls `name`.
 *
 * Throws a `SyntaxError` where there is none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseLossName } from "./losses.ts";
 *
 * const loss = { kind: "distillation", temperature: 4, alpha: 0.9 } as const;
 * assertEquals(parseLossName("distillation(T=4,alpha=0.9)"), loss);
 * ```
 */
export function parseLossName(name: string): LossSpec {
  const [, kind, list = ""] = /^([a-z-]+)(?:\((.*)\))?$/.exec(name) ?? [];
  const given = new Map(
    list.split(",").map((each) => {
      const [symbol, value] = each.split("=");
      return [symbol, Number(value)];
    }),
  );
  const parameters = isLossKind(kind)
    ? Object.entries<ParameterRule>(LOSSES[kind].parameters)
    : [];
  const loss = {
    kind,
    ...Object.fromEntries(
      parameters.map(([key, { symbol }]) => [key, given.get(symbol)]),
    ),
  };
  if (isLoss(loss) && nameLoss(loss) === name) return loss;
  throw new SyntaxError(
    `Cannot read the loss ${cleanText(name)}: it must be one of ${
      Object.keys(LOSSES).join(", ")
    } with its parameters`,
  );
}

/**
 * What readers of tables and charts see for the loss called `name`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describeLoss } from "./losses.ts";
 *
 * assertEquals(describeLoss("distillation(T=4,alpha=0.9)"), "distilled (T = 4, α = 0.9)");
 * ```
 */
export function describeLoss(name: string): string {
  return describe(parseLossName(name));
}

function describe<K extends LossKind>(loss: LossSpec<K>): string {
  const rule: LossRule<K> = LOSSES[loss.kind];
  return rule.describe(loss);
}

/** Whether students of the loss called `name` learn from a teacher. */
export function isDistilled(name: string): boolean {
  return LOSSES[parseLossName(name).kind].distils;
}
