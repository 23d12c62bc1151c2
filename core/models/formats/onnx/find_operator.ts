/**
 * The operator called `name` of those that are known. Throws by `refuse` where it isn't,
 * with those that are.
 */
export function findOperator<Operator>(
  operators: Readonly<Record<string, Operator>>,
  name: string,
  refuse: (rule: string) => never,
): Operator {
  return Object.hasOwn(operators, name) ? operators[name] : refuse(
    `be an operator that Retort has as a layer: it has ${
      Object.keys(operators).join(", ")
    }`,
  );
}
