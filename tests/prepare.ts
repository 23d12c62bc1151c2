/**
 * Installs what tests need beyond npm packages, where it may: run by
 * `deno task test` before the tests. It never fails: tests whose needs are not
 * met show as ignored.
 *
 * @module
 */
import { READER_PACKAGES } from "../core/data/formats/reader_packages.ts";
import { requestAdapter } from "../core/device/adapter.ts";
import { fetchPackage } from "../core/files/fetch_package.ts";
import { type Machine, planInstall } from "./plan_install.ts";
import { hasChromium } from "./web/browser/chromium.ts";

/** What this machine is. */
async function describeMachine(): Promise<Machine> {
  const osRelease = await Deno.readTextFile("/etc/os-release").catch(() => "");
  return { osRelease, root: Deno.uid() === 0 };
}

/** Whether Debian's package `name` is installed. */
async function isInstalled(name: string): Promise<boolean> {
  const { stdout } = await new Deno.Command("dpkg-query", {
    args: ["--show", "--showformat=${db:Status-Status}", name],
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout) === "installed";
}

/** Runs apt-get without questions; throws with its last words where it fails. */
async function aptGet(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("apt-get", {
    args: ["-qq", "-o", "DPkg::Lock::Timeout=120", ...args],
    env: { DEBIAN_FRONTEND: "noninteractive" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    signal: AbortSignal.timeout(600_000),
  }).output();
  if (success) return;
  const words = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
  throw new Error(`apt-get ${args[0]} failed: ${words || "it says no reason"}`);
}

/** Runs `step`; where it fails, says so and that the tests of `what` are left out. */
async function attempt(what: string, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.error(
      `Cannot prepare the tests: ${reason}; tests that need ${what} will show as ignored`,
    );
  }
}

await attempt("a Vulkan driver or Chromium", async () => {
  const plan = planInstall(await describeMachine());
  if (plan.kind === "tell") {
    const ready = hasChromium && await requestAdapter() !== null;
    if (!ready) console.error(plan.message);
    return;
  }
  const missing: string[] = [];
  for (const name of plan.packages) {
    if (!await isInstalled(name)) missing.push(name);
  }
  if (missing.length === 0) return;
  console.error(`Installing ${missing.join(" ")} for the tests …`);
  await aptGet("update");
  // One by one, so that one which can't be had doesn't keep the others away.
  for (const name of missing) {
    await attempt(
      name,
      () => aptGet("install", "--yes", "--no-install-recommends", name),
    );
  }
});

await attempt("JPEG or parquet", async () => {
  await Promise.all(Object.values(READER_PACKAGES).map(fetchPackage));
});
