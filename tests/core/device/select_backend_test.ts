import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  assertDeviceHealthy,
  reportDeviceFailure,
} from "../../../core/device/health.ts";
import { selectBackend } from "../../../core/device/select_backend.ts";
import { requestAdapter } from "../../../core/device/adapter.ts";
import * as tf from "../../../core/tf.ts";
import { hasAdapter } from "../../vulkan.ts";

/** Selects `choice` in a process that can't have a WebGPU adapter. */
async function selectWithoutDriver(
  choice: string,
  ...flags: string[]
): Promise<string> {
  const module = new URL(
    "../../../core/device/select_backend.ts",
    import.meta.url,
  );
  const code = `
    import { selectBackend } from ${JSON.stringify(module.href)};
    try {
      console.log(JSON.stringify(await selectBackend("${choice}")));
    } catch (error) {
      console.log(error.message);
    }`;
  const script = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(script, code);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--config",
        new URL("../../../deno.json", import.meta.url).pathname,
        "--no-prompt",
        "--allow-all",
        ...flags,
        script,
      ],
      // An API that this system doesn't have.
      env: {
        DENO_WEBGPU_BACKEND: Deno.build.os === "darwin" ? "vulkan" : "metal",
      },
    }).output();
    const text = new TextDecoder().decode(stdout).trim();
    return text || new TextDecoder().decode(stderr);
  } finally {
    await Deno.remove(script);
  }
}

for (const name of ["wasm", "cpu"] as const) {
  Deno.test(`selectBackend takes ${name} when asked for it`, async () => {
    const backend = await selectBackend(name);
    assertEquals(backend, {
      name,
      adapter: null,
      reason: `${name}: asked for`,
    });
    assertEquals(tf.getBackend(), name);
  });
}

Deno.test("selectBackend takes auto's WebGPU on a hardware adapter only", async () => {
  const adapter = await requestAdapter();
  const hardware = adapter !== null && !adapter.info.isFallbackAdapter;
  const { name, reason } = await selectBackend("auto");
  assertEquals(name, hardware ? "webgpu" : "wasm");
  assertEquals(tf.getBackend(), name);
  assert(reason.startsWith(`${name}: `) && !reason.includes("\n"), reason);
  assertEquals(reason.includes("software"), hasAdapter && !hardware);
});

Deno.test("selectBackend says that no adapter was found and takes Wasm by auto", async () => {
  assertEquals(JSON.parse(await selectWithoutDriver("auto")), {
    name: "wasm",
    adapter: null,
    reason: "wasm: no WebGPU adapter was found",
  });
});

Deno.test("selectBackend says what to install when WebGPU is asked for in vain", async () => {
  const message = await selectWithoutDriver("webgpu");
  assert(message.startsWith("Cannot use WebGPU: no adapter"), message);
  assert(message.includes("apt-get install mesa-vulkan-drivers"), message);
  assert(message.includes("--backend wasm"), message);
});

Deno.test("selectBackend falls back on CPU by auto when Wasm can't start", async () => {
  const binary = `${tf.wasmBinaryFolder()}tfjs-backend-wasm-simd.wasm`;
  const output = await selectWithoutDriver("auto", `--deny-read=${binary}`);
  const { name, adapter, reason } = JSON.parse(output);
  assertEquals([name, adapter], ["cpu", null]);
  assert(!reason.includes("\n"), reason);
  assert(
    reason.startsWith(
      "cpu: no WebGPU adapter was found, and the Wasm backend could not start: Cannot use the Wasm backend: ",
    ),
    reason,
  );
});

Deno.test({
  name:
    "selectBackend takes a software adapter when WebGPU is asked for (needs a Vulkan driver)",
  ignore: !hasAdapter,
  fn: async () => {
    const { name, adapter, reason } = await selectBackend("webgpu");
    assertEquals([name, tf.getBackend()], ["webgpu", "webgpu"]);
    assert(adapter !== null && reason.endsWith(adapter));
  },
});

Deno.test("selectBackend forgets earlier failures of a device", async () => {
  reportDeviceFailure(new Error("lost"));
  await selectBackend("wasm");
  assertEquals(assertDeviceHealthy(), undefined);
});

Deno.test("selectBackend refuses a backend it doesn't know", async () => {
  const choice = JSON.parse('"webgl"');
  await assertRejects(() => selectBackend(choice), RangeError, "webgl");
});
