import { assertEquals } from "@std/assert";
import { readAnswer, showSample, waitUntilReady } from "./answer.ts";
import { hasChromium, launchChromium } from "./chromium.ts";
import { serveSite } from "./serve_site.ts";
import { hasWebKit, openWebKit } from "./webkit.ts";

/** Width of the canvas that the site's style sheet gives it, and what a browser's own would. */
const IS_STYLED = "getComputedStyle(document.querySelector('.skip')).position";

Deno.test({
  name: "a phone that asks by a name of the LAN, over http, reads a digit",
  ignore: !hasChromium,
  // Playwright's driver goes on for a moment after its browser is closed.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const site = await serveSite();
    const browser = await launchChromium({
      webgpu: false,
      flags: ["--host-resolver-rules=MAP lan.test 127.0.0.1"],
    });
    try {
      const { port } = new URL(site.origin);
      const page = await browser.newPage();
      await page.goto(`http://lan.test:${port}/`);
      await waitUntilReady(page);
      assertEquals(await page.evaluate(IS_STYLED), "absolute");
      for (const digit of [1, 7]) {
        await showSample(page, digit);
        assertEquals(await readAnswer(page), String(digit));
      }
    } finally {
      await browser.close();
      await site.stop();
    }
  },
});

/** Shows a sample of a digit, and gives what the page reads. */
const READ_SAMPLE = `
  const find = (id) => document.querySelector("[data-testid=" + id + "]");
  const until = async (holds) => {
    while (!holds()) await new Promise((wake) => setTimeout(wake, 20));
  };
  await until(() => document.querySelector("main[data-ready]"));
  find("sample-7").click();
  await until(() => find("drawing").dataset.index !== undefined &&
    find("answer").dataset.revision === find("drawing").dataset.revision);
  return find("answer").textContent.trim();`;

Deno.test({
  name: "WebKit, which upgrades this machine's own address, reads a digit",
  ignore: !hasWebKit,
  async fn() {
    const site = await serveSite();
    try {
      await using page = await openWebKit();
      const { port } = new URL(site.origin);
      for (const host of ["127.0.0.1", "localhost"]) {
        await page.goto(`http://${host}:${port}/`);
        assertEquals(await page.evaluate(`return ${IS_STYLED}`), "absolute");
        const reading = `return (async () => {${READ_SAMPLE}})()`;
        assertEquals(await page.evaluate(reading), "7", host);
      }
    } finally {
      await site.stop();
    }
  },
});
