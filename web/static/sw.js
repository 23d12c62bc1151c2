// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="esnext" />
/// <reference lib="webworker" />
/**
 * Keeps the site working without a network: pages, their scripts and styles,
 * WebAssembly, the sample digits and the models of the slider are kept when it is
 * installed, everything else when it is used.
 * Its own address names the build, and each build has a cache of its own.
 */
const worker = /** @type {ServiceWorkerGlobalScope} */ (
  /** @type {unknown} */ (self)
);

const PREFIX = "retort ";
const CACHE = PREFIX + location.search;
const PAGES = ["/", "/tradeoff", "/inside"];
const BINARIES = ["/wasm/tfjs-backend-wasm-simd.wasm"];

/** Files that pages, scripts and style sheets name, in quotes or brackets. */
const LINK =
  /["'(](\.{0,2}\/[\w./-]+\.(?:css|js|png|svg|webmanifest)(?:\?[\w=-]*)?)["')]/g;
const HAS_LINKS = /html|css|javascript/;

/**
 * Keeps what is at `address`, and the files that it names.
 *
 * @param {string} address
 * @param {Set<string>} seen addresses that need no second look
 */
async function keep(address, seen) {
  const { href } = new URL(address, location.href);
  if (seen.has(href) || !href.startsWith(`${location.origin}/`)) return;
  seen.add(href);
  const cache = await caches.open(CACHE);
  const cached = await cache.match(href, { ignoreVary: true });
  const response = cached ?? await fetch(href);
  if (response.status !== 200) return;
  if (!cached) await cache.put(href, response.clone());
  const type = response.headers.get("content-type") ?? "";
  if (!HAS_LINKS.test(type)) return;
  const links = (await response.text()).matchAll(LINK);
  await Promise.all(
    Array.from(links, ([, path]) => keep(new URL(path, href).href, seen)),
  );
}

/** @param {string[]} addresses */
async function keepAll(addresses) {
  const seen = new Set();
  await Promise.all(addresses.map((address) => keep(address, seen)));
}

/** @param {string} path */
async function readJson(path) {
  return await (await fetch(path)).json();
}

async function install() {
  /** @type {{ models: { file: string; frontier: boolean }[] }} */
  const { models } = await readJson("/data/models.json");
  /** @type {{ file: string }} */
  const samples = await readJson("/data/samples.json");
  const stops = models.filter(({ frontier }) => frontier);
  const files = [samples, ...stops].map(({ file }) => file);
  await keepAll([...PAGES, ...BINARIES, ...files]);
  await worker.skipWaiting();
}

/**
 * Removes what earlier builds kept, and answers for pages that are open. Those are
 * of the build before, whose files are kept for them: its server may be gone.
 */
async function activate() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.slice(0, -1).map((name) => caches.delete(name)));
  await worker.clients.claim();
}

/**
 * What never changes comes from the cache; all else from the network, and from the
 * cache where there is none: a page that was not kept as another of its kind.
 *
 * @param {FetchEvent} event
 */
async function answer(event) {
  const { request } = event;
  const cache = await caches.open(CACHE);
  const cached = await cache.match(request, { ignoreVary: true });
  const known = cached ?? await caches.match(request, { ignoreVary: true });
  const policy = known?.headers.get("cache-control") ?? "";
  if (known && policy.includes("immutable")) return known;
  try {
    const response = await fetch(request);
    if (response.status === 200) {
      event.waitUntil(cache.put(request, response.clone()));
    }
    return response;
  } catch (error) {
    const kept = cached ??
      await cache.match(request, { ignoreSearch: true, ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(activate()));
worker.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "GET" && new URL(url).origin === location.origin) {
    event.respondWith(answer(event));
  }
});

// A page says what it loaded before there was a worker, and hears when it is kept.
worker.addEventListener("message", (event) => {
  const kept = keepAll(event.data).then(() => event.ports[0].postMessage(true));
  event.waitUntil(kept);
});
