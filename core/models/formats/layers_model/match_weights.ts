import type { DeclaredWeight } from "../stored_weights.ts";
import type { SavedRow, SavedStep } from "./saved_layer.ts";

/** A weight that a layer needs. */
interface WantedWeight {
  layer: string;
  /** What files call it, behind the layer's name: the first as tfjs does. */
  variables: readonly string[];
}

function refuse(source: string, rule: string, remedy: string): never {
  throw new SyntaxError(`Cannot load ${source}: ${rule}; ${remedy}`);
}

/** All layers of `row`, those that one is added to before their sum. */
export function listSteps(row: SavedRow): SavedStep[] {
  return row.flatMap((step) =>
    step.kind === "residual" ? listSteps(step.row) : [step]
  );
}

/**
 * The layer and variable that a weight called `name` belongs to, of those in
 * `layers`: `conv1/kernel`, Keras' `conv1/kernel:0`, `sequential/conv1/kernel` of
 * a model within, and with a cell's name between, as stock tfjs takes it.
 */
function findOwner(
  name: string,
  layers: Set<string>,
  source: string,
): { layer: string; variable: string } | undefined {
  const path = name.replace(/:0$/, "").split("/");
  const variable = path.pop() ?? "";
  const whole = path.join("/");
  if (layers.has(whole)) return { layer: whole, variable };
  const within = path.map((_, depth) => path.slice(depth).join("/"))
    .filter((owner) => layers.has(owner));
  if (within.length > 1) {
    refuse(
      source,
      `weight ${name} must belong to one layer: it may be of ${
        within.join(" or ")
      }`,
      "give the layers other names, and save the model again",
    );
  }
  const [layer = path.slice(0, -1).join("/")] = within;
  return layers.has(layer) ? { layer, variable } : undefined;
}

/**
 * The weights of each layer of `row`, by its name, as their places among those
 * `declared`: the file's order is its own affair.
 *
 * Throws a `SyntaxError` where a weight is missing, is there twice, or belongs to no
 * layer or to two.
 */
export function matchWeights(
  row: SavedRow,
  declared: DeclaredWeight[],
  source: string,
): Map<string, number[]> {
  const steps = listSteps(row);
  const layers = new Set<string>();
  for (const { name } of steps) {
    if (layers.has(name)) {
      refuse(
        source,
        `layers must have different names: two are called ${name}`,
        "give them others, and save the model again",
      );
    }
    layers.add(name);
  }
  const places = new Map<string, number>();
  const wanted = steps.flatMap(({ name, variables }) =>
    variables.map((names): WantedWeight => ({ layer: name, variables: names }))
  );
  const keyOf = ({ layer, variables }: WantedWeight) =>
    `${layer}/${variables[0]}`;
  const keys = new Map(
    wanted.flatMap((weight) =>
      weight.variables.map((variable) =>
        [`${weight.layer}/${variable}`, keyOf(weight)] as const
      )
    ),
  );
  declared.forEach(({ name }, place) => {
    const owner = findOwner(name, layers, source);
    const key = owner && keys.get(`${owner.layer}/${owner.variable}`);
    if (key === undefined) {
      refuse(
        source,
        `each weight must be one of a layer: ${name} is of none`,
        "save the model again, without its optimiser",
      );
    }
    const earlier = places.get(key);
    if (earlier !== undefined) {
      refuse(
        source,
        `${key} must be there once: both ${
          declared[earlier].name
        } and ${name} are it`,
        "remove one of them",
      );
    }
    places.set(key, place);
  });
  const found = new Map<string, number[]>(
    steps.map(({ name }) => [name, []]),
  );
  for (const weight of wanted) {
    const place = places.get(keyOf(weight));
    if (place === undefined) {
      refuse(
        source,
        `its weights must hold ${keyOf(weight)}: there is none of that name`,
        "save the model again",
      );
    }
    found.get(weight.layer)?.push(place);
  }
  return found;
}
