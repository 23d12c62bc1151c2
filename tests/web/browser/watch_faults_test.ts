import { assertEquals, assertMatch } from "@std/assert";
import type { Browser } from "playwright-core";
import { hasChromium, launchChromium } from "./chromium.ts";
import { watchFaults } from "./watch_faults.ts";

const ORIGIN = "http://localhost";

/** Pages that do one thing wrong each, and what is said of it. */
const WRONG: Record<string, [page: string, fault: RegExp]> = {
  "logs an error": [
    "<script>console.error('oh')</script>",
    /^console error: oh /,
  ],
  "throws": ["<script>throw new Error('oh')</script>", /^uncaught: oh$/],
  "rejects": [
    "<script>Promise.reject(new Error('oh'))</script>",
    /^uncaught: oh$/,
  ],
  "opens a dialog": ["<script>alert('oh')</script>", /^opened a dialog: oh$/],
  "asks another origin": [
    "<link rel=preload as=fetch crossorigin href=https://example.org/a>",
    /^asked another origin: https:\/\/example.org\/a$/,
  ],
  "has a style that its policy forbids": [
    "<meta http-equiv=content-security-policy content=\"style-src 'self'\"><p style=color:red>",
    /^console error: .*style/,
  ],
  "lacks a file": [
    "<img src=/missing alt>",
    /^console error: .*404.*\/missing/,
  ],
};

/** What `watchFaults` finds where the site's one page has `body`. */
async function faultsOf(browser: Browser, body: string): Promise<string[]> {
  const context = await browser.newContext();
  const { faults } = watchFaults(context, ORIGIN);
  await context.route("**", (route) =>
    route.fulfill({
      status: route.request().url() === `${ORIGIN}/` ? 200 : 404,
      contentType: "text/html",
      body: `<!doctype html><link rel=icon href=data:,>${body}`,
    }));
  const page = await context.newPage();
  await page.goto(`${ORIGIN}/`);
  // What a page did so far is told before it answers this.
  await page.evaluate("new Promise((done) => setTimeout(done))");
  await context.close();
  return faults;
}

Deno.test({
  name: "watchFaults finds a page that",
  ignore: !hasChromium,
  async fn(t) {
    const browser = await launchChromium({ webgpu: false });
    try {
      for (const [what, [body, fault]] of Object.entries(WRONG)) {
        await t.step(what, async () => {
          assertMatch((await faultsOf(browser, body))[0] ?? "", fault);
        });
      }
      await t.step("does nothing wrong, which has none", async () => {
        assertEquals(await faultsOf(browser, "<p>Hello"), []);
      });
    } finally {
      await browser.close();
    }
  },
});
