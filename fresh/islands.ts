import { type ComponentType, createContext, Fragment, h } from "preact";
import { useContext } from "preact/hooks";
import { jsxTemplate } from "preact/jsx-runtime";
import { currentRender } from "./page_render.ts";

/** Whether a component is rendered within an island. */
const InIsland = createContext(false);

/** Wrappers of island components, so that each is made once. */
const wrappers = new WeakMap<ComponentType, ComponentType>();

/**
 * The component that renders an island between the comments by which the
 * browser finds it; an island within an island is part of the outer one.
 */
export function wrapIsland(component: ComponentType): ComponentType {
  const known = wrappers.get(component);
  if (known) return known;
  const wrapper: ComponentType<Record<string, unknown>> = (props) => {
    const page = currentRender();
    const island = page?.assets.islands.get(component);
    const child = { ...h(Fragment, props), type: component };
    if (!page || !island || useContext(InIsland)) return child;
    const index = page.islands.push({ ...island, props }) - 1;
    return h(
      InIsland.Provider,
      { value: true },
      jsxTemplate([`<!--island:${index}-->`, "<!--/island-->"], child),
    );
  };
  wrappers.set(component, wrapper);
  return wrapper;
}
