import { fileURLToPath } from "node:url";
import { parseJsonObject } from "../core/files/json.ts";

/** Where Debian keeps OpenBLAS whatever `libblas.so.3` is, the best build first. */
const OPENBLAS_FOLDERS = ["pthread", "openmp", "serial"].map((threads) =>
  `/usr/lib/${Deno.build.arch}-linux-gnu/openblas-${threads}`
);

/**
 * The first of `folders` that holds an OpenBLAS in the place of any other BLAS; null
 * where none does.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findOpenblas } from "./native_blas.ts";
 *
 * assertEquals(await findOpenblas(["/no/folder"]), null);
 * ```
 */
export async function findOpenblas(
  folders: readonly string[] = OPENBLAS_FOLDERS,
): Promise<string | null> {
  for (const folder of folders) {
    try {
      await Promise.all(
        ["libblas.so.3", "libopenblas.so.0"].map((name) =>
          Deno.stat(`${folder}/${name}`)
        ),
      );
      return folder;
    } catch { /* Not this one, then. */ }
  }
  return null;
}

/** Variables by which a BLAS or what runs its threads may be told to do less than it can. */
const SETTINGS =
  /^(ATEN|BLIS|DNNL|GOMP|GOTO|KMP|MKL|OMP|ONEDNN|OPENBLAS|VECLIB)_/;

/**
 * `variables` as a program should have them that is to compute as fast as it can on
 * the processor: `threads` threads, no other setting of a BLAS, and the OpenBLAS in
 * the folder `openblas`, if there is one, before any other that the system would
 * take. Nothing of the system is changed.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nativeEnvironment } from "./native_blas.ts";
 *
 * const slow = { HOME: "/home/me", OPENBLAS_CORETYPE: "Haswell" };
 * const { OPENBLAS_CORETYPE, OMP_NUM_THREADS } = nativeEnvironment(slow, { threads: 8, openblas: null });
 * assertEquals([OPENBLAS_CORETYPE, OMP_NUM_THREADS], [undefined, "8"]);
 * ```
 */
export function nativeEnvironment(
  variables: Readonly<Record<string, string>>,
  { threads, openblas }: { threads: number; openblas: string | null },
): Record<string, string> {
  const kept = Object.entries(variables).filter(([name]) =>
    !SETTINGS.test(name)
  );
  const environment: Record<string, string> = {
    ...Object.fromEntries(kept),
    OMP_NUM_THREADS: String(threads),
    OPENBLAS_NUM_THREADS: String(threads),
    MKL_NUM_THREADS: String(threads),
  };
  if (openblas !== null) {
    environment.LD_LIBRARY_PATH = [openblas, variables.LD_LIBRARY_PATH]
      .filter(Boolean).join(":");
  }
  return environment;
}

/** What OpenBLAS reaches by itself, without a framework around it. */
export interface NativeLimit {
  /** Its name, version and the kind of processor that it computes for. */
  library: string;
  threads: number;
  /** Of the quickest of some products of 1024×1024 matrices. */
  matmul_gflops: number;
}

/**
 * Multiplies matrices by the OpenBLAS in `folder`, in a process of its own, as its
 * environment counts when it is loaded. Throws an `Error` where that
 * can't be done.
 */
export async function measureNativeLimit(
  { folder, threads }: { folder: string; threads: number },
): Promise<NativeLimit> {
  const program = fileURLToPath(
    new URL("./peers/openblas.ts", import.meta.url),
  );
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-ffi", program, folder],
    clearEnv: true,
    env: {
      NO_COLOR: "1",
      ...nativeEnvironment(Deno.env.toObject(), {
        threads,
        openblas: folder,
      }),
    },
  }).output();
  const decoder = new TextDecoder();
  if (!success) {
    const [reason] = decoder.decode(stderr).trim().split("\n");
    throw new Error(`Cannot measure OpenBLAS by itself: ${reason}`);
  }
  const found = parseJsonObject(decoder.decode(stdout), "OpenBLAS's rate");
  const { library, matmul_gflops } = found;
  if (
    typeof library !== "string" || typeof matmul_gflops !== "number"
  ) {
    throw new SyntaxError(
      "Cannot read OpenBLAS's rate: it must have a library",
    );
  }
  return { library, threads, matmul_gflops };
}
