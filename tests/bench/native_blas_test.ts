import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  findOpenblas,
  measureNativeLimit,
  nativeEnvironment,
} from "../../bench/native_blas.ts";

const openblas = await findOpenblas();

/** A folder in which these files lie. */
async function folderOf(...names: string[]): Promise<string> {
  const folder = await Deno.makeTempDir();
  for (const name of names) await Deno.writeTextFile(`${folder}/${name}`, "");
  return folder;
}

Deno.test("OpenBLAS is found where it takes any BLAS's place, the first of several", async () => {
  const reference = await folderOf("libblas.so.3");
  const unlinked = await folderOf("libopenblas.so.0");
  const [first, second] = [
    await folderOf("libblas.so.3", "libopenblas.so.0"),
    await folderOf("libblas.so.3", "libopenblas.so.0"),
  ];
  assertEquals(await findOpenblas([reference, unlinked]), null);
  assertEquals(await findOpenblas([reference, first, second]), first);
});

Deno.test("a native peer has all cores, OpenBLAS first, and nobody's brakes", () => {
  const variables = {
    HOME: "/home/me",
    PATH: "/bin",
    LD_LIBRARY_PATH: "/reference",
    OPENBLAS_CORETYPE: "Haswell",
    OPENBLAS_L2_SIZE: "512",
    OPENBLAS_NUM_THREADS: "1",
    OMP_NUM_THREADS: "1",
    OMP_THREAD_LIMIT: "1",
    GOTO_NUM_THREADS: "1",
    ATEN_CPU_CAPABILITY: "default",
    DNNL_MAX_CPU_ISA: "SSE41",
  };
  const threads = {
    OMP_NUM_THREADS: "4",
    OPENBLAS_NUM_THREADS: "4",
    MKL_NUM_THREADS: "4",
  };
  assertEquals(
    nativeEnvironment(variables, { threads: 4, openblas: "/openblas" }),
    {
      ...{ HOME: "/home/me", PATH: "/bin" },
      ...threads,
      LD_LIBRARY_PATH: "/openblas:/reference",
    },
  );
  assertEquals(
    nativeEnvironment({ PATH: "/bin" }, { threads: 4, openblas: null }),
    { PATH: "/bin", ...threads },
  );
});

Deno.test({
  name: "OpenBLAS by itself tells its rate (needs libopenblas0-pthread)",
  ignore: openblas === null,
  async fn() {
    if (openblas === null) return;
    const limit = await measureNativeLimit({ folder: openblas, threads: 1 });
    assertMatch(limit.library, /^OpenBLAS \d+\.\d+\.\d+ \(\w+\)$/);
    assertEquals([limit.threads, limit.matmul_gflops > 0], [1, true]);
  },
});

Deno.test("a folder whose OpenBLAS can't be loaded is told", async () => {
  const folder = await folderOf("libblas.so.3", "libopenblas.so.0");
  await assertRejects(
    () => measureNativeLimit({ folder, threads: 1 }),
    Error,
    "Cannot measure OpenBLAS by itself: ",
  );
});
