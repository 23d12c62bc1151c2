import type { VNode } from "preact";
import type { Assets, Island } from "./built_assets.ts";

/** An island of the page that is being rendered. */
export interface IslandUse extends Island {
  props: Record<string, unknown>;
}

/** What is collected while one page is rendered. */
export interface PageRender {
  assets: Assets;
  islands: IslandUse[];
  /** Elements that `Head` gave, by what they stand for. */
  head: Map<string, VNode>;
}

let current: PageRender | null = null;

/** The page that is being rendered; null outside of rendering. */
export function currentRender(): PageRender | null {
  return current;
}

/** Renders a page; rendering is synchronous, so one at a time. */
export function renderWith<Result>(
  page: PageRender,
  render: () => Result,
): Result {
  current = page;
  try {
    return render();
  } finally {
    current = null;
  }
}
