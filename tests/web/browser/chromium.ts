import { type Browser, chromium } from "playwright-core";

/**
 * Names under which systems install Chromium, or Chrome, on the PATH; the first has
 * no window to draw, and so takes less of the processor.
 */
const NAMES = ["chromium-headless-shell", "chromium", "google-chrome"];

/** The first program of `names` on the PATH, or null. */
export function findProgram(...names: readonly string[]): string | null {
  const folders = (Deno.env.get("PATH") ?? "").split(":").filter(Boolean);
  for (const name of names) {
    for (const folder of folders) {
      const path = `${folder}/${name}`;
      try {
        if (Deno.statSync(path).isFile) return path;
      } catch {
        // Not there: the next folder may have it.
      }
    }
  }
  return null;
}

const path = findProgram(...NAMES);

/**
 * Whether a browser was found; tests that need one pass `ignore: !hasChromium`,
 * so that they show.
 */
export const hasChromium: boolean = path !== null;

/** Quiet: no update, no synchronisation, nothing asked of any other server. */
const QUIET = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-quic",
  "--disable-sync",
  "--no-first-run",
];

/** WebGPU by SwiftShader, which needs no GPU; without them no adapter is found. */
const WEBGPU = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

/**
 * Starts a headless browser, with a WebGPU adapter or without. It listens to a
 * pipe, and so ends when this process ends, however that happens.
 */
export async function launchChromium(
  { webgpu, flags = [] }: { webgpu: boolean; flags?: string[] },
): Promise<Browser> {
  if (path === null) {
    throw new Error(
      "Cannot start a browser: none was found: install Debian's package chromium-headless-shell",
    );
  }
  return await chromium.launch({
    executablePath: path,
    // CI runs as root, as which Chromium's sandbox doesn't start.
    args: ["--no-sandbox", ...QUIET, ...(webgpu ? WEBGPU : []), ...flags],
  });
}
