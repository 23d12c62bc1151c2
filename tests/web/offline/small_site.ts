import { type Resource, WorkerHost } from "./worker_host.ts";

const IMMUTABLE = "public, max-age=31536000, immutable";

/** A page; it names its build, as each does. */
export function html(body: string, build = "b1"): Resource {
  return {
    body: `${body}<i>?__frsh_c=${build}</i>`,
    type: "text/html; charset=UTF-8",
  };
}

/** What a page gets at `path`, without the build that it names. */
export async function ask(
  host: WorkerHost,
  path: string,
): Promise<string | number | undefined> {
  const answer = await host.ask(path);
  return typeof answer === "string" ? answer.replace(/<i>.*$/, "") : answer;
}

export function script(body: string): Resource {
  return { body, type: "text/javascript", cacheControl: IMMUTABLE };
}

const MODELS = {
  models: [
    {
      name: "digits-99",
      file: "/models/digits-99.cf359ea2.dram",
      frontier: true,
    },
    {
      name: "digits-95",
      file: "/models/digits-95.77462403.dram",
      frontier: false,
    },
    {
      name: "teacher",
      file: "/models/teacher.0a0a0a0a.dram",
      frontier: false,
    },
  ],
};

/** A site as small as can be, of the parts that a worker tells apart. */
export function makeSite(): Record<string, Resource> {
  return {
    "/": html(
      `<link href="/styles.css?__frsh_c=b1"><script src='/_fresh/js/b1/a.js'></script>
       <a href="/api/study">data</a><img src="https://elsewhere.example/x.png">`,
    ),
    "/tradeoff": html("tradeoff"),
    "/inside": html("inside"),
    "/inside?model=digits-95": html("inside digits-95"),
    "/styles.css?__frsh_c=b1": {
      body: "body { background: url(/icon.svg) }",
      type: "text/css",
      cacheControl: IMMUTABLE,
    },
    "/icon.svg": { body: "icon", type: "image/svg+xml" },
    "/_fresh/js/b1/a.js": script(
      'import"./b.js";const c=()=>import("./c.js");const gone="./gone.js"',
    ),
    "/_fresh/js/b1/b.js": script('import"./a.js"'),
    "/_fresh/js/b1/c.js": script("lazy"),
    "/data/models.json": { body: JSON.stringify(MODELS) },
    "/data/samples.json": { body: '{ "file": "/samples/digits.0e.bin" }' },
    "/samples/digits.0e.bin": { body: "samples", cacheControl: IMMUTABLE },
    "/models/digits-99.cf359ea2.dram": { body: "99", cacheControl: IMMUTABLE },
    "/models/teacher.0a0a0a0a.dram": { body: "T", cacheControl: IMMUTABLE },
    "/wasm/tfjs-backend-wasm-simd.wasm": { body: "simd" },
    "/api/study": { body: "study" },
    "/big.json": { body: "big" },
  };
}

/** The worker of `build`, installed on the site with these changes. */
export async function installBuild(
  build: string,
  changes: Record<string, Resource | undefined> = {},
  stores?: WorkerHost["stores"],
): Promise<WorkerHost> {
  const site = Object.entries({ ...makeSite(), ...changes })
    .flatMap(([path, resource]) => resource ? [[path, resource]] : []);
  const host = await WorkerHost.start(Object.fromEntries(site), {
    build,
    stores,
  });
  await host.install();
  return host;
}
