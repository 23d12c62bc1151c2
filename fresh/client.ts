/**
 * What the browser runs first: finds the islands of the page, loads the code
 * of each and hydrates it where the server rendered it.
 *
 * @module
 */
import { type ComponentType, h, hydrate } from "preact";
import { rootBetween } from "./root_between.ts";
import type { IslandUse } from "./page_render.ts";

const islands: IslandUse[] = JSON.parse(
  document.getElementById("islands")?.textContent ?? "[]",
);
const comments = document.createTreeWalker(document, NodeFilter.SHOW_COMMENT);
const starts: Comment[] = [];
while (comments.nextNode()) starts.push(comments.currentNode as Comment);

for (const start of starts) {
  const index = /^island:(\d+)$/.exec(start.data)?.[1];
  if (index === undefined) continue;
  const { module, export: name, props } = islands[Number(index)];
  const loaded: Record<string, ComponentType> = await import(module);
  hydrate(h(loaded[name], props), rootBetween(start));
}
