import { assertEquals, assertStringIncludes } from "@std/assert";
import { findOpenblas } from "../../bench/native_blas.ts";
import { hasAdapter } from "../vulkan.ts";
import { assertShape, type Shape } from "./assert_shape.ts";
import { runInProcess } from "./capture.ts";

/** A run of some seconds: two systems, one of them in every test's reach. */
const SMALL = [
  ...["bench", "--quick", "--only", "inference", "--backend", "wasm"],
  ...["--systems", "retort,tfjs", "--json"],
];

const MEASUREMENT: Shape = {
  work: "string",
  batch: "number",
  system: "string",
  backend: "string",
  version: "string",
  adapter: "null",
  runs: "number",
  median_ms: "number",
  min_ms: "number",
  max_ms: "number",
  gflops: "number",
  matmul_fraction: "number",
  peak_bytes: Deno.build.os === "linux" ? "number" : "null",
  images_per_second: "null",
};

const SHAPE: Shape = {
  date: "string",
  deno: "string",
  machine: {
    cores: "number",
    cpu: "string",
    matmul_gflops: "number",
    native: await findOpenblas()
      ? { library: "string", threads: "number", matmul_gflops: "number" }
      : "null",
  },
  adapter: hasAdapter ? "string" : "null",
  measurements: [MEASUREMENT],
  absent: [{}],
  capacity: [{}],
  ratios: [{
    name: "string",
    value: "number",
    at_least: "null",
    aim: "null",
    met: "null",
  }],
  peers: [{}],
};

Deno.test("bench --json is one document of DESIGN.md's schema; its record can be compared with", async () => {
  const folder = await Deno.makeTempDir();
  const first = await runInProcess([...SMALL, "--record", folder]);
  assertEquals([first.code, first.stderr.includes("retort:")], [0, false]);
  const report = JSON.parse(first.stdout);
  const { measurements, ratios } = report;
  const [products, inference] = [
    measurements.filter(({ work }: { work: string }) => work === "matmul"),
    measurements.filter(({ work }: { work: string }) => work === "inference"),
  ];
  assertShape({ ...report, measurements: products }, SHAPE);
  assertEquals([report.absent, report.capacity, report.peers], [[], [], []]);
  const rows = {
    ...MEASUREMENT,
    model: "string",
    images_per_second: "number",
  } as const;
  assertShape(inference, [rows]);
  const count = (list: unknown[]) => list.length;
  assertEquals([products, inference, ratios].map(count), [2, 6, 4]);
  for (const { runs, min_ms, median_ms, max_ms } of measurements) {
    assertEquals(runs, 3);
    assertEquals(0 < min_ms && min_ms <= median_ms, true);
    assertEquals(median_ms <= max_ms, true);
  }

  const [{ name }] = await Array.fromAsync(Deno.readDir(folder));
  const path = `${folder}/${name}`;
  const record = JSON.parse(await Deno.readTextFile(path));
  assertEquals(record, report);
  record.ratios[0].value *= 1e6;
  record.ratios.push({ name: "of another run", value: 1 });
  await Deno.writeTextFile(path, JSON.stringify(record));
  const second = await runInProcess([...SMALL, "--compare", path]);
  assertEquals(second.code, 1);
  assertStringIncludes(second.stderr, `1 ratios of ${path} were not measured`);
  assertStringIncludes(
    second.stderr,
    `retort: Cannot pass: each ratio must be at least 0.5 of what it is in ${path}: fallen are matmul wasm over tfjs wasm`,
  );
});

Deno.test("bench refuses what it can't measure or compare with", async () => {
  const cpu = await runInProcess(["bench", "--backend", "cpu"]);
  assertEquals(cpu.code, 2);
  assertStringIncludes(cpu.stderr, "pass webgpu or wasm");
  const missing = await runInProcess(["bench", "--compare", "/no/record"]);
  assertEquals(missing.code, 1);
  assertStringIncludes(missing.stderr, "/no/record");
  const other = `${await Deno.makeTempDir()}/record.json`;
  await Deno.writeTextFile(other, `{"adapter": "Beads", "ratios": []}`);
  const elsewhere = await runInProcess(["bench", "--compare", other]);
  assertEquals(elsewhere.code, 1);
  assertStringIncludes(elsewhere.stderr, "it is of Beads");
});
