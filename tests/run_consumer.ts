import { assert } from "@std/assert";

const ROOT = new URL("../", import.meta.url);

/**
 * Makes another project, with a deno.json of its own and no import map, whose
 * main.ts is `program`; gives what `deno` with `flags` prints of it.
 */
export async function runConsumer(
  program: string,
  ...flags: string[]
): Promise<{ folder: string; printed: string }> {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/deno.json`, "{}");
  await Deno.writeTextFile(`${folder}/main.ts`, program);
  // Pins what the packages themselves depend on; Deno drops what isn't used.
  await Deno.copyFile(new URL("deno.lock", ROOT), `${folder}/deno.lock`);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...flags, "main.ts"],
    cwd: folder,
    env: { NO_COLOR: "1" },
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return { folder, printed: new TextDecoder().decode(stdout) };
}
