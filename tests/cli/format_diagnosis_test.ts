import { assertEquals, assertStringIncludes } from "@std/assert";
import { coloursFor } from "../../cli/terminal/colours.ts";
import {
  type DoctorReport,
  formatDiagnosis,
  problemOf,
} from "../../cli/terminal/format_diagnosis.ts";
import type { BackendDiagnosis } from "../../core/train/diagnose.ts";
import { collect } from "./capture.ts";

/** A backend whose gradients are off by `error`. */
function backendOff(error: number): BackendDiagnosis {
  return {
    name: "wasm",
    problem: null,
    rates: { matMulGflops: 4.744, conv2dGflops: 12.71 },
    selfTest: {
      backend: "wasm",
      passed: error < 1e-4,
      tolerance: 1e-4,
      quantities: [
        { name: "logits", error: 1e-7 },
        { name: "gradient of cross-entropy by conv1 kernel", error },
      ],
    },
  };
}

const REPORT: DoctorReport = {
  deno: "2.9.6",
  tfjs: "4.22.0",
  adapter: null,
  adapterProblem: "no Vulkan driver was found",
  selected: { name: "wasm", adapter: null, reason: "wasm: no adapter" },
  backends: [backendOff(4.7e-7)],
  data: {
    name: "mnist",
    train: 60_000,
    test: 10_000,
    sha256: {},
    problem: null,
  },
  teacher: { present: false, parameters: null, sha256: null, problem: null },
  problems: [],
};

function format(report: DoctorReport): string {
  return formatDiagnosis(report, coloursFor(collect()));
}

Deno.test("problemOf finds nothing wrong with a backend that passed", () => {
  assertEquals(problemOf(backendOff(1e-5)), undefined);
});

Deno.test("problemOf names what a failed self-test is furthest off in", () => {
  assertEquals(
    problemOf(backendOff(0.5)),
    "wasm: its self-test failed, gradient of cross-entropy by conv1 kernel is off by 0.50",
  );
});

Deno.test("problemOf repeats what kept a backend from starting", () => {
  const problem = "Cannot use WebGPU: the device was lost";
  const backend = { ...backendOff(0), problem, selfTest: null };
  assertEquals(problemOf(backend), `wasm: ${problem}`);
});

Deno.test("formatDiagnosis shows rates, the choice, and that all is well", () => {
  const text = format(REPORT);
  assertStringIncludes(text, "  none: no Vulkan driver was found");
  assertStringIncludes(
    text,
    "  wasm  self-test passed (largest error 4.7e-7), matrix product 4.74 GFLOP/s, convolution 12.7 GFLOP/s",
  );
  assertStringIncludes(text, "  auto takes wasm: no adapter");
  assertStringIncludes(text, "  none shipped");
  assertStringIncludes(text, "All is well");
});

Deno.test("formatDiagnosis shows what is wrong with data, teacher and backends", () => {
  const text = format({
    ...REPORT,
    backends: [backendOff(0.5)],
    data: { ...REPORT.data, problem: "Cannot read train-images-idx3-ubyte" },
    teacher: { ...REPORT.teacher, problem: "Cannot load model.json" },
    problems: ["one", "two", "three"],
  });
  assertStringIncludes(text, "  wasm  its self-test failed");
  assertStringIncludes(text, "mnist: Cannot read train-images-idx3-ubyte");
  assertStringIncludes(text, "  Cannot load model.json");
  assertStringIncludes(text, "3 to put right");
});
