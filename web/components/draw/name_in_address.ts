import type { ChosenModel } from "./chosen_model.ts";

/**
 * The page's address `href` with `model` named in it, so that it can be reloaded and
 * copied, unless it is the `usual` one; a link's own model stays in its fragment, a file's can't be named.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nameInAddress } from "./name_in_address.ts";
 *
 * const home = "https://example.org/";
 * const facts = { bytes: 250, parameters: 300, test: 0.95 };
 * const small = { source: "site", name: "digits-95", ...facts } as const;
 * const mine = { source: "file", name: "mine.dram", ...facts } as const;
 * assertEquals(nameInAddress(home, small, "digits-99"), `${home}?model=digits-95`);
 * assertEquals(nameInAddress(`${home}?model=digits-95`, mine, "digits-99"), home);
 * assertEquals(nameInAddress(home, { ...small, name: "digits-99" }, "digits-99"), home);
 * ```
 */
export function nameInAddress(
  href: string,
  { source, name }: ChosenModel,
  usual: string,
): string {
  if (source === "link") return href;
  const url = new URL(href);
  if (source === "file") url.searchParams.delete("model");
  else if (name !== (url.searchParams.get("model") ?? usual)) {
    url.searchParams.set("model", name);
  }
  url.hash = "";
  return url.href;
}
