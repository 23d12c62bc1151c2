import { Fragment, h, type VNode } from "preact";
import { currentRender } from "./page_render.ts";

/**
 * At the end of the body: what the islands of the page are, as JSON, and the
 * script that hydrates them. Nothing where the page has none.
 */
export function IslandScripts(): VNode | null {
  const page = currentRender();
  if (!page || page.islands.length === 0) return null;
  const json = JSON.stringify(page.islands).replaceAll("<", "\\u003c");
  return h(
    Fragment,
    null,
    h("script", {
      id: "islands",
      type: "application/json",
      dangerouslySetInnerHTML: { __html: json },
    }),
    h("script", { type: "module", src: page.assets.clientEntry }),
  );
}
