/** Debian's names of what tests need: a Vulkan driver, for WebGPU. */
export const DEBIAN_PACKAGES: readonly string[] = ["mesa-vulkan-drivers"];

/** What decides how a package can be installed. */
export interface Machine {
  /** Content of /etc/os-release; empty where there is none. */
  osRelease: string;
  /** Whether this process may install packages. */
  root: boolean;
}

/** Whether to install packages, or what to tell instead. */
export type InstallPlan = { kind: "install" } | {
  kind: "tell";
  message: string;
};

/** The value of `key` in an os-release file, unquoted; empty if it has none. */
function field(osRelease: string, key: string): string {
  const line = osRelease.split("\n").find((each) => each.startsWith(`${key}=`));
  return line?.slice(key.length + 1).replaceAll('"', "").trim() ?? "";
}

/**
 * Packages are installed by root on Debian and Ubuntu and their derivatives;
 * elsewhere a person is told what to do.
 */
export function planInstall({ osRelease, root }: Machine): InstallPlan {
  const family = `${field(osRelease, "ID")} ${field(osRelease, "ID_LIKE")}`
    .split(" ");
  const packages = DEBIAN_PACKAGES.join(" ");
  if (!family.includes("debian") && !family.includes("ubuntu")) {
    return {
      kind: "tell",
      message:
        "Tests on WebGPU need a Vulkan, Metal or Direct3D 12 driver; they show as ignored. " +
        `On Debian or Ubuntu: sudo apt-get install ${packages}`,
    };
  }
  if (root) return { kind: "install" };
  return {
    kind: "tell",
    message:
      `Tests on WebGPU show as ignored until you run: sudo apt-get install ${packages}`,
  };
}
