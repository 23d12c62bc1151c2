/** What decides how a package can be installed. */
export interface Machine {
  /** Content of /etc/os-release; empty where there is none. */
  osRelease: string;
  /** Whether this process may install packages. */
  root: boolean;
}

/** Whether to install packages, or what to tell instead. */
export type InstallPlan = {
  kind: "install";
  /** Names of what to install. */
  packages: string[];
} | {
  kind: "tell";
  message: string;
};

/** A Vulkan driver, for WebGPU in Deno. */
const DRIVER = "mesa-vulkan-drivers";

/** A browser with WebGPU, and a font so that its pages have letters. */
const BROWSER = ["chromium-headless-shell", "fonts-dejavu-core"];

/** A second engine for the pages, WebKit's, and a screen for it: 35 MB to fetch. */
const WEBKIT = ["webkit2gtk-driver", "xvfb"];

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
  const id = field(osRelease, "ID");
  const family = [id, ...field(osRelease, "ID_LIKE").split(" ")];
  if (!family.includes("debian") && !family.includes("ubuntu")) {
    return {
      kind: "tell",
      message:
        "Tests on WebGPU need a Vulkan, Metal or Direct3D 12 driver, those of the pages " +
        "Chromium as `chromium-headless-shell` or `chromium` on the PATH; without them they show as ignored. " +
        `On Debian: sudo apt-get install ${
          [DRIVER, ...BROWSER, ...WEBKIT].join(" ")
        }`,
    };
  }
  // Ubuntu has Chromium as a snap alone, and no package of it.
  const packages = [DRIVER, ...id === "ubuntu" ? [] : BROWSER, ...WEBKIT];
  if (root) return { kind: "install", packages };
  return {
    kind: "tell",
    message:
      "Tests on WebGPU and in a browser show as ignored until you run: " +
      `sudo apt-get install ${packages.join(" ")}`,
  };
}
