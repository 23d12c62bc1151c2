import { assertEquals, assertStringIncludes } from "@std/assert";
import { planInstall } from "./plan_install.ts";

const DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n';
const MINT = 'NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n';
const FEDORA = "ID=fedora\n";

for (const osRelease of [DEBIAN, "ID=ubuntu\nID_LIKE=debian", MINT]) {
  const id = osRelease.match(/^ID=.*/m)?.[0];
  Deno.test(`planInstall installs as root where ${id}`, () => {
    assertEquals(planInstall({ osRelease, root: true }), { kind: "install" });
  });
}

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
      "sudo apt-get install mesa-vulkan-drivers",
    );
  });
}
