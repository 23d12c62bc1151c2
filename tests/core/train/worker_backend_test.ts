import { assertEquals, assertRejects } from "@std/assert";
import { selectBackend } from "../../../core/device/select_backend.ts";
import { ensureSelfTest } from "../../../core/train/self_test.ts";
import {
  describeWorkerBackend,
  useWorkerBackend,
} from "../../../core/train/worker_backend.ts";
import { hasAdapter } from "../../vulkan.ts";
import { withBrokenKernel } from "./broken_kernel.ts";

const BROKEN = ["RetortBiasRelu", 0] as const;

// First: this thread's Wasm has passed nothing yet.
Deno.test("a worker tests Wasm that nobody has seen pass", async () => {
  await selectBackend("wasm");
  const backend = describeWorkerBackend("wasm");
  assertEquals([backend.name, backend.proven], ["wasm", false]);
  await withBrokenKernel(...BROKEN, async () => {
    await assertRejects(() => useWorkerBackend(backend), Error, "wasm");
  });
});

Deno.test("what another backend has passed is no word for Wasm", async () => {
  await selectBackend("cpu");
  await ensureSelfTest();
  assertEquals(describeWorkerBackend("wasm").proven, false);
});

Deno.test({
  name: "a GPU device is tested where it is opened (needs a Vulkan driver)",
  ignore: !hasAdapter,
  async fn() {
    await selectBackend("webgpu");
    await withBrokenKernel(...BROKEN, async () => {
      const backend = { ...describeWorkerBackend("webgpu"), proven: true };
      await assertRejects(() => useWorkerBackend(backend), Error, "webgpu");
    }, "webgpu");
  },
});

Deno.test("a worker doesn't test again the Wasm that its own process has seen pass", async () => {
  await selectBackend("wasm");
  await ensureSelfTest();
  const backend = describeWorkerBackend("wasm");
  assertEquals(backend.proven, true);
  await selectBackend("cpu");
  await withBrokenKernel(...BROKEN, async () => {
    await useWorkerBackend(backend);
    // Nor is what begins in the worker then.
    await ensureSelfTest();
  });
});
