import { assertEquals } from "@std/assert";

/**
 * The folders of core/ in the order in which values move through them: none
 * imports from one to its right. Folders in one group may import each other.
 */
const ORDER = [
  [
    "random",
    "text",
    "files",
    "tf.ts",
    "tf_core.ts",
    "tf_wasm.ts",
    "tf_webgpu.ts",
    "version.ts",
  ],
  ["data"],
  ["kernels"],
  ["device"],
  ["workers"],
  ["runtimes"],
  ["models"],
  ["infer"],
  ["train"],
  ["distill"],
  ["study"],
  ["sweep"],
  ["compress"],
  ["export"],
  ["search"],
  ["charts"],
  ["report"],
];

/** A source of this repository. */
interface Source {
  /** Its path from the repository's root. */
  path: string;
  text: string;
}

const root = new URL("../", import.meta.url);

/** Every file that git tracks, or would if it were added. */
async function trackedFiles(): Promise<string[]> {
  const { stdout, success } = await new Deno.Command("git", {
    args: ["ls-files", "--cached", "--others", "--exclude-standard", "-z"],
    cwd: root,
  }).output();
  if (!success) throw new Error("Cannot list sources: git ls-files failed");
  const names = new TextDecoder().decode(stdout).split("\0").filter(Boolean);
  return [...new Set(names)].sort();
}

const TEXT = /\.(ts|tsx|js|json|jsonc|lock|md|py|wgsl|html|css|svg|yml|sh)$/;

async function readSources(): Promise<Source[]> {
  const paths = (await trackedFiles()).filter((path) =>
    TEXT.test(path) || !path.includes(".") || path.startsWith(".ci/")
  );
  return await Promise.all(paths.map(async (path) => ({
    path,
    text: await Deno.readTextFile(new URL(path, root)),
  })));
}

const sources = await readSources();
const core = sources.filter(({ path }) => /^core\/.*\.tsx?$/.test(path));
const web = sources.filter(({ path }) => /^web\/.*\.tsx?$/.test(path));
const shipped = sources.filter(({ path }) =>
  /^(core|site|bench|cli|fresh|web)\/.*\.tsx?$/.test(path) || path === "mod.ts"
);

/** The code without comments, in which examples and reasons may name anything. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[^]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");
}

/** What `text` imports, exports from, or imports when called. */
function importsOf(text: string): string[] {
  const code = withoutComments(text);
  return [
    // Not `(import "env" …)` of a Wasm module's text, nor `"from", "`.
    ...code.matchAll(
      /(?<!\()\b(?:from|import)\s*\(?\s*["']([^"'\s,()]+)["']/g,
    ),
  ].map(([, specifier]) => specifier);
}

/** The lines of `files` whose code matches `pattern`, as `path: line`. */
function linesMatching(files: Source[], pattern: RegExp): string[] {
  return files.flatMap(({ path, text }) =>
    withoutComments(text).split("\n")
      .filter((line) => pattern.test(line))
      .map((line) => `${path}: ${line.trim()}`)
  );
}

Deno.test("the sources of core and the lock file are found", () => {
  const paths = sources.map(({ path }) => path);
  for (const path of ["deno.lock", "deno.json", "core/tf.ts", ".ci/run"]) {
    assertEquals(paths.filter((each) => each === path), [path]);
  }
});

Deno.test("no tracked source names a package registry's host", () => {
  // Put together here, so that this file passes its own test.
  const hosts = [
    ["registry", "npmjs", "org"],
    ["registry", "yarnpkg", "com"],
    ["npm", "jsr", "io"],
    ["deb", "debian", "org"],
    ["archive", "ubuntu", "com"],
    ["pypi", "org"],
  ].map((parts) => parts.join("."));
  const found = sources.flatMap(({ path, text }) =>
    hosts.filter((host) => text.includes(host)).map((host) =>
      `${path}: ${host}`
    )
  );
  assertEquals(found, []);
});

Deno.test("npx is told to go on without asking: where there is no terminal nobody answers", () => {
  const asking = sources.flatMap(({ path, text }) =>
    text.split("\n").filter((line) => /\bnpx(?! --yes) +"?deno/.test(line))
      .map((line) => `${path}: ${line}`)
  );
  assertEquals(asking, []);
});

Deno.test("the lock file gives packages by name and hash, not by address", () => {
  const lock = sources.find(({ path }) => path === "deno.lock");
  assertEquals(lock?.text.match(/https?:\/\/\S+/g), null);
});

Deno.test("core/tf.ts, and for pages three files like it, alone import tfjs", () => {
  const importers = shipped.filter(({ text }) =>
    importsOf(text).some((specifier) => specifier.includes("@tensorflow/"))
  );
  assertEquals(importers.map(({ path }) => path), [
    "core/tf.ts",
    "core/tf_core.ts",
    "core/tf_wasm.ts",
    "core/tf_webgpu.ts",
  ]);
});

Deno.test("no shipped source uses Math.random or waits for a device synchronously", () => {
  // That one reads synchronously where there is no device to wait for, and throws elsewhere.
  const others = shipped.filter(({ path }) =>
    path !== "core/kernels/read_at_once.ts"
  );
  assertEquals(
    linesMatching(others, /\bMath\.random\b|\b(data|array)Sync\b/),
    [],
  );
});

Deno.test("no file uses `any`, `as unknown as` or ts-ignore", () => {
  const code = sources.filter(({ path }) =>
    /\.tsx?$/.test(path) && path !== "tests/house_test.ts"
  );
  assertEquals(linesMatching(code, /as unknown as|[:<]\s*any\b/), []);
  const silenced = code.filter(({ text }) => /@ts-(ignore|nocheck)/.test(text));
  assertEquals(silenced.map(({ path }) => path), []);
});

Deno.test("core and mod.ts import no name that only an import map explains", () => {
  const bare = shipped.filter(({ path }) => /^(core\/|mod\.ts)/.test(path))
    .flatMap(({ path, text }) =>
      importsOf(text)
        .filter((specifier) => !/^(\.{1,2}\/|npm:|node:)/.test(specifier))
        .map((specifier) => `${path}: ${specifier}`)
    );
  assertEquals(bare, []);
});

Deno.test("web imports Fresh, Preact, negotiation, itself, what the site shows and core, nothing else", () => {
  const known = ["fresh", "fresh/runtime", "preact", "preact/hooks"]
    .concat("@preact/signals", "@std/http/negotiation");
  const others = web.flatMap(({ path, text }) =>
    importsOf(text).map((specifier) =>
      specifier.startsWith(".")
        ? new URL(specifier, `file:///${path}`).pathname.slice(1)
        : specifier
    )
      .filter((target) =>
        !known.includes(target) && !/^(web|site|core)\//.test(target)
      )
      .map((target) => `${path} imports ${target}`)
  );
  assertEquals(others, []);
});

Deno.test("site and bench stand beside each other: they import core, and only commands and pages import them", () => {
  const others = shipped.flatMap(({ path, text }) => {
    const [folder] = path.split("/");
    return importsOf(text).filter((specifier) => specifier.startsWith("."))
      .map((specifier) =>
        new URL(specifier, `file:///${path}`).pathname.split("/")[1]
      )
      .filter((target) => target !== folder)
      .filter((target) =>
        ["site", "bench"].includes(folder)
          ? target !== "core"
          : target === "bench"
          ? folder !== "cli"
          : target === "site" && !["cli", "web"].includes(folder)
      )
      .map((target) => `${path} imports ${target}`);
  });
  assertEquals(others, []);
});

Deno.test("SQL stands in core/study/study.ts alone", () => {
  const others = shipped.filter(({ path }) =>
    /^(bench|cli|core|site)\//.test(path) && path !== "core/study/study.ts"
  );
  assertEquals(
    linesMatching(
      others,
      /node:sqlite|\b(SELECT|INSERT|UPDATE|DELETE FROM|CREATE TABLE|PRAGMA|BEGIN|COMMIT|ROLLBACK)\b/,
    ),
    [],
  );
});

Deno.test("sweep and search are two users of core/study, and neither knows the other", () => {
  const crossing = core.filter(({ path }) => /^core\/search\//.test(path))
    .flatMap(({ path, text }) =>
      importsOf(text).filter((specifier) => specifier.includes("/sweep/"))
        .map((specifier) => `${path} imports ${specifier}`)
    );
  assertEquals(crossing, []);
});

Deno.test("every npm package that core imports has one exact version", () => {
  const loose = core.flatMap(({ path, text }) =>
    importsOf(text)
      .filter((specifier) => specifier.startsWith("npm:"))
      .filter((specifier) => !/@\d+\.\d+\.\d+(\/|$)/.test(specifier))
      .map((specifier) => `${path}: ${specifier}`)
  );
  assertEquals(loose, []);
});

/** Where the folder of core that holds `path` stands in the order. */
function rankOf(path: string): number {
  const folder = path.split("/")[1];
  return ORDER.findIndex((group) => group.includes(folder));
}

Deno.test("every folder of core has a place in the order", () => {
  const unknown = core.filter(({ path }) => rankOf(path) < 0);
  assertEquals(unknown.map(({ path }) => path), []);
});

Deno.test("no file of core imports from a folder to its right, or from outside", () => {
  const violations = core.flatMap(({ path, text }) =>
    importsOf(text).filter((specifier) => specifier.startsWith("."))
      .map((specifier) =>
        new URL(specifier, `file:///${path}`).pathname.slice(1)
      )
      .filter((target) =>
        !target.startsWith("core/") ||
        // tf.ts stands left of all, and takes its binaries' folder from files.
        rankOf(target) > rankOf(path)
      )
      .map((target) => `${path} imports ${target}`)
  );
  assertEquals(violations, []);
});

Deno.test("no circle of imports: a type stands with its owner", () => {
  const imports = new Map(shipped.map(({ path, text }) => [
    path,
    importsOf(text).filter((specifier) => specifier.startsWith("."))
      .map((specifier) =>
        new URL(specifier, `file:///${path}`).pathname.slice(1)
      ),
  ]));
  // What imports nothing that is left is in no circle.
  for (let before = Infinity; imports.size < before;) {
    before = imports.size;
    for (const [path, targets] of imports) {
      if (!targets.some((target) => imports.has(target))) imports.delete(path);
    }
  }
  assertEquals([...imports.keys()], []);
});
