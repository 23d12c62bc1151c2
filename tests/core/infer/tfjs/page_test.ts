import { assert, assertEquals, assertMatch } from "@std/assert";
import { isRecord } from "../../../../core/files/json.ts";
import { hasAdapter } from "../../../vulkan.ts";
import { bundleTfjs } from "./bundle_tfjs.ts";

const folder = await Deno.makeTempDir();
const importMap = await bundleTfjs(folder);
globalThis.addEventListener(
  "unload",
  () => Deno.removeSync(folder, { recursive: true }),
);

/**
 * What tests/…/page_program.ts prints of `scenario`, without colours; `counted` is
 * whether it counts for the coverage, where that is measured.
 */
async function play(
  scenario: string,
  { counted = true } = {},
): Promise<Record<string, unknown>> {
  const program = new URL("page_program.ts", import.meta.url);
  const { DENO_COVERAGE_DIR: coverage, ...env } = Deno.env.toObject();
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-check", "-A", `--import-map=${importMap}`],
      ...[program.pathname, scenario],
    ],
    clearEnv: true,
    env: {
      ...env,
      NO_COLOR: "1",
      ...(counted && coverage && { DENO_COVERAGE_DIR: coverage }),
    },
  }).output();
  const decoder = new TextDecoder();
  assert(success, decoder.decode(stderr));
  return JSON.parse(decoder.decode(stdout));
}

async function assertAlike(backend: "webgpu" | "wasm"): Promise<void> {
  // Counted, what takes seconds would take minutes; other tests reach as much.
  const { name, differing, drawn } = await play(backend, { counted: false });
  assertEquals(name, backend);
  const counts = isRecord(differing) ? Object.values(differing) : [];
  assert(counts.length > 5);
  assertEquals(counts.filter((count) => count !== 0), []);
  assert(Number(drawn) < 1e-4, `${drawn}`);
}

Deno.test("in a page, the site's models give on Wasm the direct path's classes, and drawn ones its logits", () =>
  assertAlike("wasm"));

Deno.test({
  name:
    "in a page, the site's models give on WebGPU the direct path's classes, and drawn ones its logits (needs an adapter)",
  ignore: !hasAdapter,
  fn: () => assertAlike("webgpu"),
});

Deno.test("a browser without an adapter gets Wasm, by one binary, and is told why", async () => {
  const { reason, explicit } = await play("noAdapter");
  assertEquals(reason, "WebAssembly: this browser found no WebGPU adapter");
  assertEquals(
    explicit,
    "The processor computes: this browser found no WebGPU adapter",
  );
});

Deno.test("a browser without WebGPU gets Wasm, and is told whether HTTPS would help", async () => {
  assertEquals(await play("noWebGpu"), {
    reason: "WebAssembly: this browser has no WebGPU",
    insecure: "WebAssembly: a page that isn't served over HTTPS has no WebGPU",
  });
});

Deno.test("what is thrown in place of an error is told as it is", async () => {
  assertEquals(await play("noError"), {
    reason: "WebAssembly: blocked for privacy",
  });
});

Deno.test("a browser whose WebAssembly has no SIMD says so", async () => {
  assertEquals(await play("noSimd"), {
    wasm: "The processor computes: this browser's WebAssembly has no SIMD",
  });
});

Deno.test("a browser without either stays on the processor, and is told why", async () => {
  const why = "tfjs-backend-wasm-simd.wasm could not be loaded";
  assertEquals(await play("missing"), {
    auto:
      `The processor computes: this browser found no WebGPU adapter, and ${why}`,
    wasm: `The processor computes: ${why}`,
  });
});

Deno.test({
  name: "a software adapter is left alone unless asked for (needs an adapter)",
  ignore: !hasAdapter,
  async fn() {
    assertEquals(await play("auto"), {
      name: "wasm",
      adapter: null,
      reason: "WebAssembly: this browser's only WebGPU adapter is software",
      asked: ["/wasm/tfjs-backend-wasm-simd.wasm"],
    });
  },
});

Deno.test({
  name: "a GPU is taken (needs an adapter)",
  ignore: !hasAdapter,
  async fn() {
    assertEquals(await play("hardware"), {
      name: "webgpu",
      reason: "WebGPU on ADAPTER",
    });
  },
});

Deno.test({
  name: "a GPU that doesn't describe itself is taken (needs an adapter)",
  ignore: !hasAdapter,
  async fn() {
    assertEquals(await play("noInfo"), {
      name: "webgpu",
      adapter: "a GPU",
      reason: "WebGPU on a GPU",
      answers: 1,
    });
  },
});

Deno.test({
  name: "a GPU whose results are wrong isn't trusted (needs an adapter)",
  ignore: !hasAdapter,
  async fn() {
    const { name, adapter, reason, explicit } = await play("zeros");
    assertEquals([name, adapter], ["wasm", null]);
    assertMatch(String(reason), /^WebAssembly: WebGPU on .+ failed its test$/);
    assertMatch(
      String(explicit),
      /^The processor computes: WebGPU on .+ failed its test$/,
    );
  },
});

Deno.test({
  name: "a GPU that gives no device is left alone (needs an adapter)",
  ignore: !hasAdapter,
  async fn() {
    const { reason } = await play("noDevice");
    assertMatch(String(reason), /^WebAssembly: .+ gave no WebGPU device$/);
  },
});

Deno.test({
  name:
    "a device that is lost says so, and Wasm or a new one takes over (needs an adapter)",
  ignore: !hasAdapter,
  async fn() {
    const { message, classify, ...rest } = await play("lost");
    assertMatch(String(message), /^WebGPU on .+ was lost$/);
    assertEquals(classify, message);
    assertEquals(rest, { name: "wasm", right: true, again: "webgpu" });
  },
});

Deno.test({
  name:
    "a device that reports an error isn't trusted any more, but a new one is (needs an adapter)",
  ignore: !hasAdapter,
  async fn() {
    const { message, classify, ...rest } = await play("fault");
    assertMatch(String(message), /^WebGPU on .+ reported an error$/);
    assertEquals(classify, message);
    assertEquals(rest, { name: "webgpu", answers: 1 });
  },
});

Deno.test({
  name:
    "of two starts at once the later counts, and models of another backend say so (needs an adapter)",
  ignore: !hasAdapter,
  async fn() {
    const { names, stale, asked } = await play("switching");
    assertEquals(names, ["wasm", "wasm", "webgpu", "wasm"]);
    assertMatch(String(stale), /no longer in use: load it again$/);
    assertEquals(asked, ["/wasm/tfjs-backend-wasm-simd.wasm"]);
  },
});
