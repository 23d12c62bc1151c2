/**
 * Installs what tests need beyond npm packages, where it may: run by
 * `deno task test` before the tests. It never fails: tests whose needs are not
 * met show as ignored.
 *
 * @module
 */
import { requestAdapter } from "../core/device/adapter.ts";
import { DEBIAN_PACKAGES, type Machine, planInstall } from "./plan_install.ts";

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
    signal: AbortSignal.timeout(300_000),
  }).output();
  if (success) return;
  const words = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
  throw new Error(`apt-get ${args[0]} failed: ${words || "it says no reason"}`);
}

async function prepare(): Promise<void> {
  const plan = planInstall(await describeMachine());
  if (plan.kind === "tell") {
    if (await requestAdapter() === null) console.error(plan.message);
    return;
  }
  const missing = [];
  for (const name of DEBIAN_PACKAGES) {
    if (!await isInstalled(name)) missing.push(name);
  }
  if (missing.length === 0) return;
  console.error(`Installing ${missing.join(" ")} for the tests …`);
  await aptGet("update");
  await aptGet("install", "--yes", "--no-install-recommends", ...missing);
}

try {
  await prepare();
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  console.error(
    `Cannot prepare the tests: ${reason}; tests that need ${
      DEBIAN_PACKAGES.join(" ")
    } will show as ignored`,
  );
}
