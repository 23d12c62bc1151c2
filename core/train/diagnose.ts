import {
  type AdapterDescription,
  describeAdapter,
  requestAdapter,
} from "../device/adapter.ts";
import { measureRates, type Rates } from "../device/measure_rates.ts";
import { type BackendInUse, selectBackend } from "../device/select_backend.ts";
import * as tf from "../tf.ts";
import { selfTest, type SelfTestResult } from "./self_test.ts";

/** How one backend does on this machine. */
export interface BackendDiagnosis {
  /** Which backend. */
  name: BackendInUse["name"];
  /** What kept it from starting or from being measured. */
  problem: string | null;
  /** How it compares with the CPU backend; null if that failed. */
  selfTest: SelfTestResult | null;
  /** How fast it is; null if that failed. */
  rates: Rates | null;
}

/** What this machine offers, as plain data. */
export interface Diagnosis {
  /** Deno's version. */
  deno: string;
  /** Version of tfjs. */
  tfjs: string;
  /** The WebGPU adapter, software ones included. */
  adapter: AdapterDescription | null;
  /** Why there is no adapter. */
  adapterProblem: string | null;
  /** What `auto` would take, and why. */
  selected: BackendInUse;
  /** WebGPU (where there is an adapter), Wasm, CPU. */
  backends: BackendDiagnosis[];
}

async function diagnoseBackend(
  name: BackendInUse["name"],
): Promise<BackendDiagnosis> {
  const diagnosis: BackendDiagnosis = {
    name,
    problem: null,
    selfTest: null,
    rates: null,
  };
  try {
    await selectBackend(name);
    diagnosis.selfTest = await selfTest();
    diagnosis.rates = await measureRates();
  } catch (error) {
    diagnosis.problem = error instanceof Error ? error.message : String(error);
  }
  return diagnosis;
}

/**
 * Tries every backend of this machine: whether it starts, its self-test against
 * the CPU backend, and its measured rates. Takes a few seconds.
 *
 * Afterwards the backend that `auto` selects is in use; tensors on an earlier
 * WebGPU device are gone. What a backend throws becomes its `problem`.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { diagnose } from "./diagnose.ts";
 *
 * const { backends } = await diagnose();
 * assert(backends.some(({ selfTest }) => selfTest?.passed));
 * ```
 */
export async function diagnose(): Promise<Diagnosis> {
  const adapter = await requestAdapter();
  const names: BackendInUse["name"][] = ["webgpu", "wasm", "cpu"];
  const backends = [];
  for (const name of names) {
    if (name !== "webgpu" || adapter) {
      backends.push(await diagnoseBackend(name));
    }
  }
  return {
    deno: Deno.version.deno,
    tfjs: tf.version["tfjs-core"],
    adapter: adapter && describeAdapter(adapter),
    adapterProblem: adapter ? null : explainAbsence(),
    selected: await selectBackend("auto"),
    backends,
  };
}

function explainAbsence(): string {
  return "gpu" in navigator
    ? "no Vulkan driver was found (Debian, Ubuntu: apt-get install mesa-vulkan-drivers)"
    : "this runtime has no WebGPU";
}
