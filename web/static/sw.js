// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="esnext" />
/// <reference lib="webworker" />
/**
 * Keeps the site working without a network: pages, their scripts and styles,
 * WebAssembly, the sample digits and the models of the slider are kept when it is
 * installed, everything else that the site has when it is used; of what it has not,
 * nothing, whatever is asked.
 * Its own address names the build, and each build has a cache of its own.
 */
const worker = /** @type {ServiceWorkerGlobalScope} */ (
  /** @type {unknown} */ (self)
);

const PREFIX = "retort ";
const CACHE = PREFIX + location.search;
const PAGES = ["/", "/tradeoff", "/inside"];
const BINARIES = ["/wasm/tfjs-backend-wasm-simd.wasm"];
const MODELS = "/data/models.json";
const SAMPLES = "/data/samples.json";

/** What the site has besides and is kept when it is used. */
const DATA = ["/api/models", "/api/study", "/api/study.csv"];

/** Pages that there are of each model. */
const MODEL_PAGES = ["/?model=", "/inside?model="];

/** How long the network may take where there is a copy. */
const PATIENCE_MS = 3000;

/** Files that pages, scripts and style sheets name, in quotes or brackets. */
const LINK =
  /["'(](\.{0,2}\/[\w./-]+\.(?:css|js|png|svg|webmanifest)(?:\?[\w=-]*)?)["')]/g;
const HAS_LINKS = /html|css|javascript/;

/** @typedef {{ models: { name: string; file: string; frontier: boolean }[] }} Models */

/** @param {string} address without its fragment, which is nobody else's */
function resolve(address) {
  const url = new URL(address, location.href);
  url.hash = "";
  return url.href;
}

/** @param {string} href */
async function findKept(href) {
  const cache = await caches.open(CACHE);
  return await cache.match(href, { ignoreVary: true });
}

/** @type {Promise<Set<string>> | undefined} */
let onUse;

/** What is kept when it is used, of what the build says that it has. */
async function readOnUse() {
  const response = await findKept(resolve(MODELS));
  /** @type {Models} */
  const { models } = response ? await response.json() : { models: [] };
  return new Set(
    [
      ...DATA,
      ...models.map(({ file }) => file),
      ...models.flatMap(({ name }) => MODEL_PAGES.map((page) => page + name)),
    ].map(resolve),
  );
}

/** Whether what is at `href` may be kept: it is already, or the build names it. @param {string} href */
async function mayKeep(href) {
  if (await findKept(href)) return true;
  onUse ??= readOnUse();
  return (await onUse).has(href);
}

/**
 * Keeps what is at `address`, and the files that it names.
 *
 * @param {string} address
 * @param {Set<string>} seen addresses that need no second look
 */
async function keep(address, seen) {
  const href = resolve(address);
  if (seen.has(href) || !href.startsWith(`${location.origin}/`)) return;
  seen.add(href);
  const cached = await findKept(href);
  const response = cached ?? await fetch(href);
  if (response.status !== 200) return;
  const cache = await caches.open(CACHE);
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

/**
 * Keeps what is at `path`, which the site can't do without.
 *
 * @param {string} path
 */
async function keepOne(path) {
  await keepAll([path]);
  const response = await findKept(resolve(path));
  if (!response) throw new Error(`Cannot keep the site: there is no ${path}`);
  return response;
}

async function keepSite() {
  /** @type {Models} */
  const { models } = await (await keepOne(MODELS)).json();
  /** @type {{ file: string }} */
  const samples = await (await keepOne(SAMPLES)).json();
  const stops = models.filter(({ frontier }) => frontier);
  const files = [samples, ...stops].map(({ file }) => file);
  for (const page of PAGES) await keepOne(page);
  await keepAll([...BINARIES, ...files]);
}

async function install() {
  const isNew = !await caches.has(CACHE);
  try {
    await keepSite();
  } catch (error) {
    // Half a site is of no use, and no later worker's.
    if (isNew) await caches.delete(CACHE);
    throw error;
  }
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
 * Whether what the network gave belongs to this build: the page of a later one
 * would name files that only the later one's worker keeps.
 *
 * @param {Response} response
 */
async function isOfBuild(response) {
  const type = response.headers.get("content-type") ?? "";
  if (!type.startsWith("text/html")) return true;
  return (await response.clone().text()).includes(location.search);
}

/**
 * What the network answers, kept if it may be. A copy to keep is whole before it
 * is given on: a network that is slow shows in its body, too.
 *
 * @param {Request} request
 * @param {string} href
 */
async function load(request, href) {
  const response = await fetch(request);
  if (response.status !== 200 || !await mayKeep(href)) return response;
  if (await isOfBuild(response)) {
    const cache = await caches.open(CACHE);
    await cache.put(href, response.clone());
  }
  return response;
}

/**
 * What never changes comes from the cache; all else from the network, and from the
 * cache where there is none, or a slow one: without a network, a page that was not
 * kept comes as another of its kind.
 *
 * @param {FetchEvent} event
 */
async function answer(event) {
  const { request } = event;
  const href = resolve(request.url);
  const cached = await findKept(href);
  const known = cached ?? await caches.match(href, { ignoreVary: true });
  const policy = known?.headers.get("cache-control") ?? "";
  if (known && policy.includes("immutable")) return known;
  const loading = load(request, href);
  // Beyond the answer, where that is the copy.
  event.waitUntil(loading.catch(() => {}));
  if (cached) {
    const patience = new Promise((done) => setTimeout(done, PATIENCE_MS));
    return await Promise.race([
      loading.catch(() => cached),
      patience.then(() => cached),
    ]);
  }
  try {
    return await loading;
  } catch (error) {
    const cache = await caches.open(CACHE);
    const kept = await findKept(href.split("?")[0]) ??
      await cache.match(href, { ignoreSearch: true, ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}

/** What a page asks for meanwhile waits. @type {Promise<void> | undefined} */
let installing;

worker.addEventListener("install", (event) => {
  installing = install();
  event.waitUntil(installing);
});
worker.addEventListener("activate", (event) => event.waitUntil(activate()));
worker.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "GET" && new URL(url).origin === location.origin) {
    event.respondWith(answer(event));
  }
});

/** Keeps what a page loaded, of what the site has. @param {string[]} addresses */
async function keepUsed(addresses) {
  await installing;
  const hrefs = addresses.map(resolve);
  const allowed = await Promise.all(hrefs.map(mayKeep));
  await keepAll(hrefs.filter((_, i) => allowed[i]));
}

// A page says what it loaded before there was a worker, and hears when it is kept.
worker.addEventListener("message", (event) => {
  const kept = keepUsed(event.data).then(() =>
    event.ports[0].postMessage(true)
  );
  event.waitUntil(kept);
});
