import { fromFileUrl } from "@std/path";

/** Folder of the site's app. */
export const WEB = fromFileUrl(new URL("../../web", import.meta.url));
