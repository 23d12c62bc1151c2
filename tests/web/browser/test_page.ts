import { assertEquals } from "@std/assert";
import type {
  Browser,
  BrowserContext,
  BrowserContextOptions,
  Page,
} from "playwright-core";
import { hasChromium, launchChromium } from "./chromium.ts";
import { type ServedSite, serveSite } from "./serve_site.ts";
import { watchFaults } from "./watch_faults.ts";

/** A page of the built site, open in a browser of its own profile. */
export interface Visit {
  page: Page;
  context: BrowserContext;
  /** Origin of the site, as in "http://localhost:8000". */
  origin: string;
  /** Every address that its pages asked for so far, in order. */
  requests: string[];
}

/** How a test's browser is. */
export interface VisitOptions extends BrowserContextOptions {
  /** Whether WebGPU finds an adapter (SwiftShader); it does unless told. */
  webgpu?: boolean;
  /** What its pages may do that others may not: faults that match are dropped. */
  expected?: RegExp;
}

/** What Chromium says itself of a page that asks for WebGPU in vain. */
const NO_ADAPTER = /^console warning: No available adapters/;

let site: Promise<ServedSite> | undefined;
const browsers = new Map<boolean, Promise<Browser>>();

/** The browser that the tests of this file share, with WebGPU or without. */
function browserOf(webgpu: boolean): Promise<Browser> {
  const browser = browsers.get(webgpu) ?? launchChromium({ webgpu });
  browsers.set(webgpu, browser);
  return browser;
}

Deno.test.afterAll(async () => {
  const all = [...browsers.values()].map(async (each) =>
    await (await each).close()
  );
  // What didn't start was told by a test.
  await Promise.allSettled([...all, site?.then(({ stop }) => stop())]);
});

/**
 * Tests the built site in Chromium, in a profile of its own; ignored where there
 * is none. Fails, besides, where a page logs an error, throws, breaks its content
 * security policy or asks another origin for anything.
 */
export function testPage(
  name: string,
  { webgpu = true, expected, ...options }: VisitOptions,
  run: (visit: Visit) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore: !hasChromium,
    // The browser and the server outlive a test: the file's tests share them.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const { origin } = await (site ??= serveSite());
      const browser = await browserOf(webgpu);
      const context = await browser.newContext({ baseURL: origin, ...options });
      context.setDefaultTimeout(60_000);
      try {
        const { faults, requests } = watchFaults(context, origin);
        const page = await context.newPage();
        await run({ page, context, origin, requests });
        const unexpected = faults.filter((each) =>
          !expected?.test(each) && (webgpu || !NO_ADAPTER.test(each))
        );
        assertEquals(unexpected, []);
      } finally {
        await context.close();
      }
    },
  });
}
