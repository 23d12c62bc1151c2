import { data } from "../../site_study.ts";

/** A page of the site, as its heading, its navigation and its head name it. */
export interface Page {
  /** Where it is. */
  path: string;
  /** In the navigation. */
  name: string;
  /** In a browser's tab. */
  title: string;
  /** For search engines and previews of links. */
  description: string;
  /** Its own style sheet, beside the one of all pages. */
  sheet: string;
}

/** The pages of the site, in the order of the navigation. */
export const PAGES: readonly Page[] = [
  {
    path: "/",
    name: "Draw",
    title: data.digits ? "Draw a digit · Retort" : "Draw · Retort",
    description: data.digits
      ? "Draw a digit and watch a model of a few hundred bytes recognise it on your own device."
      : `Draw and watch a small model, trained on ${data.title}, recognise it on your own device.`,
    sheet: "/styles/draw.css",
  },
  {
    path: "/tradeoff",
    name: "Tradeoff",
    title: "What each byte buys · Retort",
    description:
      "Accuracy against size of models distilled from one teacher: plots, tables and data.",
    sheet: "/styles/tradeoff.css",
  },
  {
    path: "/inside",
    name: "Inside",
    title: "Inside a model · Retort",
    description: `What is left of a network in a ${
      data.digits ? "file of a few hundred bytes" : "small file"
    }, and where those bytes go.`,
    sheet: "/styles/inside.css",
  },
];

/**
 * The page at `path`, with or without a slash after it; `undefined` where there is
 * none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findPage } from "./pages.ts";
 *
 * assertEquals([findPage("/inside/")?.name, findPage("/nowhere")], ["Inside", undefined]);
 * ```
 */
export function findPage(path: string): Page | undefined {
  const trimmed = path.replace(/\/+$/, "") || "/";
  return PAGES.find((page) => page.path === trimmed);
}
