import { assertEquals, assertStringIncludes } from "@std/assert";
import { MNIST_SHA256 } from "../../core/data/mnist_hashes.ts";
import { hasAdapter } from "../vulkan.ts";
import { runProcess } from "./capture.ts";

Deno.test("doctor --json tells versions, backends with self-tests, data and teacher", async () => {
  const { code, stdout, stderr } = await runProcess(["doctor", "--json"]);
  const report = JSON.parse(stdout);
  assertEquals([code, report.problems, stderr.includes("retort:")], [
    0,
    [],
    false,
  ]);
  assertEquals(report.deno, Deno.version.deno);
  assertEquals(report.data.sha256, MNIST_SHA256);
  assertEquals(typeof report.teacher.present, "boolean");
  const names: string[] = [];
  for (const { name, selfTest, rates } of report.backends) {
    names.push(name);
    assertEquals(selfTest.passed, true);
    assertEquals(rates.matMulGflops > 0, true);
  }
  assertEquals(names, hasAdapter ? ["webgpu", "wasm", "cpu"] : ["wasm", "cpu"]);
});

Deno.test("doctor --backend webgpu fails where there is no adapter, and says what to install", async () => {
  // Hides the machine's Vulkan drivers, and keeps Deno from OpenGL instead.
  const env = {
    DENO_WEBGPU_BACKEND: "vulkan",
    VK_DRIVER_FILES: "/no/driver",
    VK_ICD_FILENAMES: "/no/driver",
  };
  const args = ["doctor", "--backend", "webgpu"];
  const { code, stdout, stderr } = await runProcess(args, { env });
  assertEquals(code, 1);
  assertStringIncludes(stdout, "  none: no Vulkan driver was found");
  assertStringIncludes(stdout, "  auto takes wasm");
  assertStringIncludes(stderr, "retort: Cannot rely on this setup: webgpu: no");
});
