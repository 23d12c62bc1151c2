import { SaxesParser } from "saxes";

/** An element of a parsed document. */
export interface Element {
  name: string;
  attributes: Record<string, string>;
  children: Element[];
  text: string;
}

/** The root of `xml`; throws where it is not well-formed XML with declared namespaces. */
export function parseXml(xml: string): Element {
  const parser = new SaxesParser({ xmlns: true });
  const root: Element = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name, attributes }) => {
    const values = Object.entries(attributes).map((
      [key, { value }],
    ) => [key, value]);
    const element = {
      name,
      attributes: Object.fromEntries(values),
      children: [],
      text: "",
    };
    open[open.length - 1].children.push(element);
    open.push(element);
  });
  parser.on("text", (text) => {
    for (const element of open) element.text += text;
  });
  parser.on("closetag", () => {
    open.pop();
  });
  parser.write(xml).close();
  return root.children[0];
}

/** The children of the mark of a chart that is described by `description`. */
export function marksOf(svg: Element, description: string): Element[] {
  return svg.children.find((child) =>
    child.attributes["aria-description"] === description
  )?.children ?? [];
}
