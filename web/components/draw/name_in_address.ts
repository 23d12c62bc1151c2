import type { ChosenModel } from "./chosen_model.ts";

/**
 * Makes the page's address name a model of the site, so that it can be reloaded and
 * copied; a link's own model stays in its fragment, a file's can't be named.
 */
export function nameInAddress(model: ChosenModel, first: string): void {
  if (model.source === "link") return;
  const url = new URL(location.href);
  if (model.source === "file") url.searchParams.delete("model");
  else if (model.name !== (url.searchParams.get("model") ?? first)) {
    url.searchParams.set("model", model.name);
  }
  url.hash = "";
  if (url.href !== location.href) history.replaceState(history.state, "", url);
}
