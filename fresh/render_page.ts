import {
  type ComponentChildren,
  type ComponentType,
  Fragment,
  h,
  options,
  type VNode,
} from "preact";
import { jsxTemplate } from "preact/jsx-runtime";
import { renderToString } from "preact-render-to-string";
import { mergeHead } from "./head.ts";
import { IslandScripts } from "./island_scripts.ts";
import { wrapIsland } from "./islands.ts";
import { currentRender, type PageRender, renderWith } from "./page_render.ts";
import type { Assets } from "./built_assets.ts";

/** Wraps a rendered page into the app's shell. */
export type Shell = (Component: () => VNode) => ComponentChildren;

/** A rendered document. */
export interface RenderedPage {
  html: string;
  /** Addresses of the scripts that it needs. */
  scripts: string[];
}

/**
 * Renders a page, then the shell around it, so that what the page gives to
 * `Head` is known when the shell's `<head>` is written.
 */
export function renderPage<Props>(
  assets: Assets,
  page: VNode<Props> | null,
  shell: Shell,
): RenderedPage {
  const render: PageRender = { assets, islands: [], head: new Map() };
  return renderWith(render, () => {
    const content = jsxTemplate([page === null ? "" : renderToString(page)]);
    const html = "<!DOCTYPE html>" +
      renderToString(h(Fragment, null, shell(() => content)));
    return { html, scripts: scriptsOf(render) };
  });
}

/** The scripts of the page's islands, with all that they import. */
function scriptsOf({ assets, islands }: PageRender): string[] {
  if (islands.length === 0) return [];
  const entries = [assets.clientEntry, ...islands.map(({ module }) => module)];
  const imported = entries.flatMap((entry) => assets.imports[entry] ?? []);
  return [...new Set([...entries, ...imported])];
}

const previousHook = options.vnode;
options.vnode = (vnode: VNode<{ children?: ComponentChildren }>) => {
  const page = currentRender();
  if (page && vnode.type === "head") {
    vnode.props.children = mergeHead(vnode.props.children, page.head);
  } else if (page && vnode.type === "body") {
    vnode.props.children = [vnode.props.children, h(IslandScripts, null)];
  } else if (page?.assets.islands.has(vnode.type as ComponentType)) {
    vnode.type = wrapIsland(vnode.type as ComponentType);
  }
  previousHook?.(vnode);
};
