import {
  type ComponentChildren,
  isValidElement,
  toChildArray,
  type VNode,
} from "preact";
import { currentRender } from "./page_render.ts";

/**
 * Puts its children into the page's `<head>`, from anywhere in the page. An
 * element takes the place of the one in `_app` that differs from it only in
 * what it sets (a title's text, a meta's content, a link's address) or that
 * has the same `key`.
 */
export function Head(
  { children }: { children?: ComponentChildren },
): VNode | null {
  for (const child of toChildArray(children)) {
    if (isValidElement(child)) currentRender()?.head.set(keyOf(child), child);
  }
  return null;
}

/** The children of `<head>`, with the elements that `Head` was given. */
export function mergeHead(
  children: ComponentChildren,
  given: ReadonlyMap<string, VNode>,
): ComponentChildren[] {
  const rest = new Map(given);
  const merged = toChildArray(children).map((child) => {
    if (!isValidElement(child)) return child;
    const replacement = rest.get(keyOf(child));
    rest.delete(keyOf(child));
    return replacement ?? child;
  });
  return [...merged, ...rest.values()];
}

/** What an element of the head stands for: all of it but the value it sets. */
function keyOf({ type, key, props }: VNode): string {
  if (key !== null && key !== undefined) return String(key);
  if (type === "title") return "title";
  const value = type === "meta" ? "content" : type === "link" ? "href" : "";
  const rest = Object.entries(props).filter(([name]) =>
    name !== "children" && name !== value
  );
  return JSON.stringify([type, rest.sort()]);
}
