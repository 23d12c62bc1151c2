import { fileURLToPath } from "node:url";

const LOCK = new URL(
  "../../../../../core/runtimes/onnxruntime_web.lock",
  import.meta.url,
);

/** What Deno is told that runs ONNX Runtime's package, which has a lock file of its own. */
export const OWN_LOCK = [
  ...["--no-config", "--node-modules-dir=none", "--frozen"],
  `--lock=${fileURLToPath(LOCK)}`,
];

/** Whether that package is at hand. */
export const { success: hasOnnxRuntime } = await new Deno.Command(
  Deno.execPath(),
  {
    args: ["cache", ...OWN_LOCK, "npm:onnxruntime-web@1.30.0"],
    stdout: "null",
    stderr: "null",
  },
).output();
