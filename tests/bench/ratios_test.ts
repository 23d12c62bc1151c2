import { assertEquals } from "@std/assert";
import { computeRatios } from "../../bench/ratios.ts";
import type { Measurement } from "../../bench/measurement.ts";
import { madeUp } from "./made_up.ts";

const SOFTWARE = { software: true };

/** Names and values of the ratios of `measurements`. */
function valuesOf(measurements: Measurement[]): Record<string, number> {
  return Object.fromEntries(
    computeRatios(measurements, SOFTWARE).map(({ name, value }) => [
      name,
      value,
    ]),
  );
}

Deno.test("a ratio is the other's median over ours, on the same backend", () => {
  assertEquals(
    valuesOf([
      madeUp({ median_ms: 100 }),
      madeUp({ backend: "webgpu", median_ms: 400 }),
      madeUp({ system: "tfjs", backend: "webgpu", median_ms: 14_000 }),
      madeUp({ system: "jax-js", median_ms: 9_000 }),
    ]),
    {
      "teacher-step webgpu over tfjs webgpu": 35,
      "teacher-step wasm over jax-js wasm": 90,
    },
  );
});

Deno.test("PyTorch is compared with the best of our backends", () => {
  assertEquals(
    valuesOf([
      madeUp({ median_ms: 200 }),
      madeUp({ backend: "webgpu", median_ms: 400 }),
      madeUp({ system: "pytorch", backend: "cpu", median_ms: 100 }),
    ]),
    { "teacher-step best over pytorch cpu": 0.5 },
  );
});

Deno.test("a crippled peer is left out of the ratios", () => {
  const measurements = [
    madeUp({ median_ms: 200 }),
    madeUp({ system: "jax-js", median_ms: 300 }),
    madeUp({ system: "pytorch", backend: "cpu", crippled: true }),
  ];
  assertEquals(valuesOf(measurements), {
    "teacher-step wasm over jax-js wasm": 1.5,
  });
});

Deno.test("steps of compact models are told apart by recipe and part, and judged", () => {
  const work = "compact-step";
  const of = (model: string, ours: number, theirs: number) => [
    madeUp({ work, model, median_ms: ours }),
    madeUp({
      work,
      model,
      system: "pytorch",
      backend: "cpu",
      median_ms: theirs,
    }),
  ];
  const ratios = computeRatios([
    ...of("digits-95 float", 2, 8),
    ...of("digits-99 quantised", 4, 2),
  ], { software: true });
  assertEquals(ratios.map(({ name, value, met }) => [name, value, met]), [
    ["compact-step digits-95 float best over pytorch cpu", 4, true],
    ["compact-step digits-99 quantised best over pytorch cpu", 0.5, false],
  ]);
});

Deno.test("batches of a compact model are told apart from one image", () => {
  const work = "compact-inference";
  const system = "onnxruntime-web";
  assertEquals(
    valuesOf([
      madeUp({ work, batch: 1, backend: "direct", median_ms: 1 }),
      madeUp({ work, batch: 100, backend: "direct", median_ms: 10 }),
      madeUp({ work, batch: 1, system, median_ms: 2 }),
      madeUp({ work, batch: 100, system, median_ms: 5 }),
    ]),
    {
      "compact-inference direct over onnxruntime-web wasm": 2,
      "compact-inference 100 direct over onnxruntime-web wasm": 0.5,
    },
  );
});

Deno.test("inference is told apart by model and batch", () => {
  const work = "inference";
  assertEquals(
    valuesOf([
      madeUp({ work, model: "teacher", batch: 1, median_ms: 1 }),
      madeUp({ work, model: "teacher", batch: 256, median_ms: 10 }),
      madeUp({
        work,
        model: "teacher",
        batch: 1,
        system: "tfjs",
        median_ms: 2,
      }),
      madeUp({
        work,
        model: "teacher",
        batch: 256,
        system: "tfjs",
        median_ms: 30,
      }),
    ]),
    {
      "inference teacher 1 wasm over tfjs wasm": 2,
      "inference teacher 256 wasm over tfjs wasm": 3,
    },
  );
});

Deno.test("a student's whole sweep alone is compared with its share of one of 36", () => {
  const work = "student-sweep";
  assertEquals(
    valuesOf([
      madeUp({ work, students: 1, median_ms: 12_000 }),
      madeUp({ work, students: 36, median_ms: 36_000 }),
    ]),
    { "student alone over in a sweep of 36, wasm": 12 },
  );
});

Deno.test("a student's cost alone is compared with its share of a cohort's step", () => {
  const work = "cohort";
  assertEquals(
    valuesOf([
      madeUp({ work, students: 1, median_ms: 20 }),
      madeUp({ work, students: 12, median_ms: 48 }),
      madeUp({ work, students: 36, median_ms: 72 }),
    ]),
    {
      "student alone over in a cohort of 12, wasm": 5,
      "student alone over in a cohort of 36, wasm": 10,
    },
  );
});

Deno.test("steps of stock students make no ratio of their own, the sweep does", () => {
  assertEquals(
    valuesOf([
      madeUp({ work: "sweep", median_ms: 1e5 }),
      madeUp({ work: "sweep", system: "tfjs", runs: 0, median_ms: 3e6 }),
      madeUp({ work: "student-step", system: "tfjs", model: "student-1" }),
    ]),
    { "sweep wasm over tfjs wasm one by one (estimated)": 30 },
  );
});

Deno.test("what is asked of a ratio stands beside it, and whether it is met", () => {
  const measurements = [
    madeUp({ median_ms: 100 }),
    madeUp({ system: "jax-js", median_ms: 1_499 }),
  ];
  const [ratio] = computeRatios(measurements, SOFTWARE);
  assertEquals([ratio.at_least, ratio.aim, ratio.met], [15, 40, false]);
  measurements[1].median_ms = 1_500;
  assertEquals(computeRatios(measurements, SOFTWARE)[0].met, true);
  // The targets are for a machine without a GPU.
  const [onGpu] = computeRatios(measurements, { software: false });
  assertEquals([onGpu.at_least, onGpu.aim, onGpu.met], [null, null, null]);
});

Deno.test("a peer that is absent leaves no ratio", () => {
  assertEquals(valuesOf([madeUp({})]), {});
  assertEquals(valuesOf([madeUp({ system: "pytorch", backend: "cpu" })]), {});
});

Deno.test("the direct path, which is ours alone, is compared with every backend", () => {
  const work = "compact-inference";
  assertEquals(
    valuesOf([
      madeUp({ work, batch: 1, backend: "direct", median_ms: 0.1 }),
      madeUp({ work, batch: 1, median_ms: 1 }),
      madeUp({ work, batch: 1, system: "tfjs", median_ms: 2 }),
      madeUp({ work, batch: 1, system: "tfjs", backend: "cpu", median_ms: 5 }),
    ]),
    {
      "compact-inference direct over tfjs wasm": 20,
      "compact-inference wasm over tfjs wasm": 2,
      "compact-inference direct over tfjs cpu": 50,
    },
  );
});
