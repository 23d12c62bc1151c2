/** Serves the site and opens a browser, as a test does, until it is killed. */
import { launchChromium } from "./chromium.ts";
import { serveSite } from "./serve_site.ts";

const { origin } = await serveSite();
const browser = await launchChromium({ webgpu: false });
await (await browser.newPage()).goto(origin);
console.log("ready");
await new Promise(() => {});
