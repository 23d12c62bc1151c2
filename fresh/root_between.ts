import type { ContainerNode } from "preact";

/**
 * A stand-in for the parent of the nodes between a comment and the comment
 * `/island` after it, for preact to hydrate just these.
 */
export function rootBetween(start: Comment): ContainerNode {
  const parent = start.parentNode!;
  const nodes: ChildNode[] = [];
  let end = start.nextSibling;
  while (end && !(end instanceof Comment && end.data === "/island")) {
    nodes.push(end);
    end = end.nextSibling;
  }
  return {
    nodeType: Node.ELEMENT_NODE,
    parentNode: parent,
    firstChild: nodes[0] ?? null,
    childNodes: nodes,
    contains: (node) => parent.contains(node as Node),
    insertBefore: (node, before) =>
      parent.insertBefore(node as Node, (before ?? end) as Node | null),
    appendChild: (node) => parent.insertBefore(node as Node, end),
    removeChild: (node) => parent.removeChild(node as Node),
  };
}
