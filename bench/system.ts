import { fileURLToPath } from "node:url";
import type { PictureForm } from "./task.ts";

/** Whose program computes. */
export type SystemName =
  | "retort"
  | "tfjs"
  | "jax-js"
  | "pytorch"
  | "onnxruntime-web"
  | PictureReader;

/** Who does nothing but read pictures. */
type PictureReader = "node:zlib" | "jpeg-js" | "pillow";

/** All of them, ours first. */
export const SYSTEM_NAMES: readonly SystemName[] = [
  "retort",
  "tfjs",
  "jax-js",
  "pytorch",
  "onnxruntime-web",
  "node:zlib",
  "jpeg-js",
  "pillow",
];

/** What it computes on. */
export type BenchBackend = "webgpu" | "wasm" | "cpu" | "cuda" | "direct";

/** One of the systems to compare, on one backend, and how to start its program. */
export interface System {
  name: SystemName;
  backend: BenchBackend;
  command: string;
  args: string[];
  /** All of its process's variables, where they aren't this one's. */
  environment?: Record<string, string>;
  /**
   * Whether it computes on the processor in a native library's products: their rate
   * is measured in each of its processes, and judged by what the machine can.
   */
  native?: boolean;
}

function peerPath(file: string): string {
  return fileURLToPath(new URL(`./peers/${file}`, import.meta.url));
}

function denoPeer(
  name: SystemName,
  backend: BenchBackend,
  file: string,
  { options = [], args = [] }: { options?: string[]; args?: string[] } = {},
): System {
  return {
    name,
    backend,
    command: Deno.execPath(),
    args: [
      "run",
      "--no-check",
      "-A",
      ...options,
      peerPath(file),
      backend,
      ...args,
    ],
  };
}

/**
 * For a package that comes by a lock file of its own, into Deno's cache: only who
 * measures it downloads it.
 */
function ownLock(file: string): string[] {
  return [
    "--no-config",
    "--node-modules-dir=none",
    "--frozen",
    `--lock=${peerPath(file)}`,
  ];
}

/** ONNX Runtime's Wasm on so many threads. */
function onnxPeer(threads: number): System {
  return denoPeer("onnxruntime-web", "wasm", "onnxruntime_web.ts", {
    options: ownLock("../../core/runtimes/onnxruntime_web.lock"),
    args: [String(threads)],
  });
}

/** Python on the path first, then Debian's, which has its `python3-` packages. */
const PYTHONS = ["python3", "/usr/bin/python3"];

/** The first Python that has `module`; the first one of all if none has. */
export async function findPython(module: "torch" | "PIL"): Promise<string> {
  for (const python of PYTHONS) {
    const found = await new Deno.Command(python, {
      args: ["-c", `import ${module}`],
      stdout: "null",
      stderr: "null",
    }).output().catch(() => undefined);
    if (found?.success) return python;
  }
  return PYTHONS[0];
}

/**
 * The systems called `names`, on each of `backends` that they have; PyTorch on the
 * processor, and with `hardware` on CUDA too.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { listSystems } from "./system.ts";
 *
 * const systems = listSystems({
 *   names: ["tfjs", "pytorch"],
 *   backends: ["wasm"],
 *   native: { python: "python3", threads: 2, environment: {} },
 *   tuning: ".retort/tuning",
 *   hardware: false,
 * });
 * assertEquals(systems.map(({ name, backend }) => `${name} ${backend}`), ["tfjs wasm", "pytorch cpu"]);
 * ```
 */
export function listSystems({ names, backends, native, tuning, hardware }: {
  names: readonly SystemName[];
  backends: readonly ("webgpu" | "wasm")[];
  /** Python's command, its threads, and the variables that make it its best. */
  native: {
    python: string;
    threads: number;
    environment: Record<string, string>;
  };
  /** Where Retort keeps what it has measured of WebGPU adapters. */
  tuning: string;
  hardware: boolean;
}): System[] {
  return names.flatMap((name) => {
    switch (name) {
      case "retort":
        return backends.map((each) =>
          denoPeer(name, each, "retort.ts", { args: [tuning] })
        );
      case "tfjs":
        return backends.map((each) => denoPeer(name, each, "stock_tfjs.ts"));
      case "jax-js":
        return backends.map((each) =>
          denoPeer(name, each, "jax_js.ts", { options: ownLock("jax_js.lock") })
        );
      case "pytorch":
        return (hardware ? ["cpu", "cuda"] as const : ["cpu"] as const).map(
          (backend) => ({
            name,
            backend,
            command: native.python,
            args: [peerPath("pytorch.py"), backend, String(native.threads)],
            environment: native.environment,
            native: backend === "cpu",
          }),
        );
      case "onnxruntime-web":
        return backends.filter((each) => each === "wasm")
          .map(() => onnxPeer(native.threads));
      case "node:zlib":
      case "jpeg-js":
      case "pillow":
        return [];
    }
  });
}

/**
 * Who runs a compact model: of `systems`, Retort and stock tfjs on their backends,
 * and besides those Retort's direct path, and tfjs in plain JavaScript; then ONNX
 * Runtime.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { listCompactSystems } from "./system.ts";
 *
 * const retort = { name: "retort", backend: "wasm", command: "deno", args: [] } as const;
 * const systems = listCompactSystems([{ ...retort, args: [] }]);
 * assertEquals(systems.map(({ backend }) => backend), ["direct", "wasm"]);
 * ```
 */
export function listCompactSystems(systems: readonly System[]): System[] {
  const of = (wanted: SystemName, added: System) => {
    const found = systems.filter(({ name }) => name === wanted);
    return found.length > 0 ? [added, ...found] : [];
  };
  return [
    ...of("retort", denoPeer("retort", "direct", "retort_direct.ts")),
    ...of("tfjs", denoPeer("tfjs", "cpu", "stock_tfjs.ts")),
    ...systems.filter(({ name }) => name === "onnxruntime-web"),
  ];
}

/**
 * Who reads pictures of `form`: of `names` Retort, those that read that form, and Pillow
 * by `python`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { listReaders, SYSTEM_NAMES } from "./system.ts";
 *
 * const readers = listReaders("jpeg", { names: SYSTEM_NAMES, python: "python3" });
 * assertEquals(readers.map(({ name }) => name), ["retort", "jpeg-js", "pillow"]);
 * ```
 */
export function listReaders(
  form: PictureForm,
  { names, python }: { names: readonly SystemName[]; python: string },
): System[] {
  const packaged = form === "png" ? "node:zlib" : "jpeg-js";
  const args = [peerPath("pillow.py")];
  const readers: System[] = [
    denoPeer("retort", "direct", "retort_reading.ts"),
    denoPeer(packaged, "cpu", "package_reading.ts", { args: [packaged] }),
    { name: "pillow", backend: "cpu", command: python, args },
  ];
  return readers.filter(({ name }) => names.includes(name));
}

/**
 * Who runs a black box's file: of `systems`, Retort, which has ONNX Runtime run it in a
 * process of its own on one thread, and ONNX Runtime alone, on one too.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { listBoxSystems } from "./system.ts";
 *
 * const systems = listBoxSystems([
 *   { name: "retort", backend: "webgpu", command: "deno", args: [] },
 *   { name: "tfjs", backend: "wasm", command: "deno", args: [] },
 * ]);
 * assertEquals(systems.map(({ name, backend }) => `${name} ${backend}`), ["retort wasm"]);
 * ```
 */
export function listBoxSystems(systems: readonly System[]): System[] {
  const of = (wanted: SystemName, system: System) =>
    systems.some(({ name }) => name === wanted) ? [system] : [];
  return [
    ...of("retort", denoPeer("retort", "wasm", "retort_box.ts")),
    ...of("onnxruntime-web", onnxPeer(1)),
  ];
}
