import { assert, assertEquals } from "@std/assert";
import { askSite } from "./ask_site.ts";
import { DATA, FILES, HASHED, MODELS, PAGES } from "./site_paths.ts";

/** The directives of a response's policy, by name. */
function readPolicy(response: Response): Map<string, string[]> {
  const policy = response.headers.get("content-security-policy") ?? "";
  return new Map(
    policy.split("; ").map((directive) => {
      const [name, ...values] = directive.split(" ");
      return [name, values];
    }),
  );
}

/** The opening tags of a document. */
function listTags(html: string): string[] {
  return html.match(/<[a-z][^>]*>/gi) ?? [];
}

/** The pages, also of each model, and the page of an error. */
const DOCUMENTS = [
  ...PAGES,
  ...MODELS.map((name) => `/inside?model=${name}`),
  "/nowhere",
];

/** One request for every kind of response. */
const KINDS: [string, RequestInit?][] = [
  ...[...DOCUMENTS, ...DATA, ...FILES, ...HASHED].map((path): [string] => [
    path,
  ]),
  ["/", { method: "HEAD" }],
  ["/", { method: "POST" }],
  ["/styles.css", { method: "POST" }],
  [`/${"a".repeat(9000)}`],
  ["/api/models", { headers: { "if-none-match": "*" } }],
  [HASHED[0], { headers: { range: "bytes=0-1" } }],
  [HASHED[0], { headers: { range: "bytes=99999999-" } }],
];

Deno.test("every response keeps the site to itself", async () => {
  for (const [path, init] of KINDS) {
    const response = await askSite(path, init);
    await response.body?.cancel();
    const { headers, status } = response;
    const kind = `${status} ${init?.method ?? "GET"} ${path.slice(0, 50)}`;
    for (
      const [name, value] of [
        ["cross-origin-opener-policy", "same-origin"],
        ["cross-origin-embedder-policy", "require-corp"],
        ["cross-origin-resource-policy", "same-origin"],
        ["referrer-policy", "strict-origin-when-cross-origin"],
        ["x-content-type-options", "nosniff"],
      ]
    ) assertEquals(headers.get(name), value, kind);
    assert(headers.get("permissions-policy")?.includes("camera=()"), kind);
    assert(headers.has("cache-control"), kind);
    assert(readPolicy(response).has("default-src"), kind);
  }
});

Deno.test("a page's policy lets in this site's files, and WebAssembly, alone", async () => {
  for (const path of DOCUMENTS) {
    const response = await askSite(path);
    await response.body?.cancel();
    const policy = readPolicy(response);
    const scripts = policy.get("script-src") ?? [];
    const nonces = scripts.filter((source) => source.startsWith("'nonce-"));
    assertEquals(
      scripts.filter((source) => !nonces.includes(source)).sort(),
      ["'self'", "'wasm-unsafe-eval'"],
      path,
    );
    assert(nonces.length <= 1);
    for (
      const [name, sources] of [
        ["default-src", "'self'"],
        ["style-src", "'self'"],
        ["img-src", "'self' data: blob:"],
        ["connect-src", "'self'"],
        ["worker-src", "'self' blob:"],
        ["object-src", "'none'"],
        ["base-uri", "'self'"],
        ["form-action", "'self'"],
        ["frame-ancestors", "'none'"],
      ]
    ) assertEquals(policy.get(name)?.join(" "), sources, `${path} ${name}`);
  }
});

Deno.test("no page has a script, a style or a handler in its HTML that the policy forbids", async () => {
  for (const path of DOCUMENTS) {
    const response = await askSite(path);
    const policy = readPolicy(response);
    const tags = listTags(await response.text());
    for (const tag of tags) {
      assert(!/\s(style|on\w+)\s*=/i.test(tag), `${path}: ${tag}`);
      assert(!/^<style/i.test(tag), `${path}: ${tag}`);
      assert(!/(href|src)="\s*javascript:/i.test(tag), `${path}: ${tag}`);
      if (!/^<script/i.test(tag) || /\ssrc=/.test(tag)) continue;
      const nonce = /nonce="([^"]+)"/.exec(tag)?.[1];
      const isData = /type="application\/json"/.test(tag);
      const isLetIn = policy.get("script-src")?.includes(`'nonce-${nonce}'`);
      assert(isData || isLetIn, `${path}: ${tag}`);
    }
  }
});

Deno.test("pages load nothing from another origin", async () => {
  for (const path of DOCUMENTS) {
    const html = await (await askSite(path)).text();
    const loading = listTags(html).filter((tag) =>
      /^<(script|link|img|iframe|source|form|object|embed)\b/i.test(tag)
    );
    for (const tag of loading) {
      const address = /\b(?:src|href|action|data)="([^"]*)"/.exec(tag)?.[1];
      assert(!/^(\w+:)?\/\//.test(address ?? ""), `${path}: ${tag}`);
    }
  }
});
