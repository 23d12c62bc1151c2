import { assertEquals, assertStringIncludes } from "@std/assert";
import { planInstall } from "./plan_install.ts";

const DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n';
const MINT = 'NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n';
const UBUNTU = "ID=ubuntu\nID_LIKE=debian\n";
const FEDORA = "ID=fedora\n";

for (const osRelease of [DEBIAN, MINT]) {
  const id = osRelease.match(/^ID=.*/m)?.[0];
  Deno.test(`planInstall installs a driver and two browsers as root where ${id}`, () => {
    assertEquals(planInstall({ osRelease, root: true }), {
      kind: "install",
      packages: [
        "mesa-vulkan-drivers",
        ...["chromium-headless-shell", "fonts-dejavu-core"],
        ...["webkit2gtk-driver", "xvfb"],
      ],
    });
  });
}

Deno.test("planInstall asks Ubuntu for no package of Chromium, which it lacks", () => {
  assertEquals(planInstall({ osRelease: UBUNTU, root: true }), {
    kind: "install",
    packages: ["mesa-vulkan-drivers", "webkit2gtk-driver", "xvfb"],
  });
});

for (
  const [what, machine] of Object.entries({
    "a user on Debian": { osRelease: DEBIAN, root: false },
    "root on Fedora": { osRelease: FEDORA, root: true },
    "a machine without os-release": { osRelease: "", root: false },
  })
) {
  Deno.test(`planInstall tells ${what} the one command`, () => {
    const plan = planInstall(machine);
    assertEquals(plan.kind, "tell");
    assertStringIncludes(
      plan.kind === "tell" ? plan.message : "",
      "sudo apt-get install mesa-vulkan-drivers chromium-headless-shell fonts-dejavu-core",
    );
  });
}
