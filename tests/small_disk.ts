/** A file system of little space, unmounted and removed with the scope. */
export interface SmallDisk extends AsyncDisposable {
  path: string;
}

function mount(path: string, kilobytes: number): boolean {
  return new Deno.Command("mount", {
    args: ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", path],
    stderr: "null",
  }).outputSync().success;
}

/** Why no file system can be mounted here; empty where one can. */
function findObstacle(): string {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) {
    return "mounting needs root on Linux";
  }
  const folder = Deno.makeTempDirSync();
  try {
    if (!mount(folder, 64)) return "mounting is not allowed here";
    new Deno.Command("umount", { args: [folder] }).outputSync();
    return "";
  } catch (error) {
    return String(error);
  } finally {
    Deno.removeSync(folder);
  }
}

const obstacle = findObstacle();

/** `name` and whether to ignore a test that needs a small disk, with the reason. */
export function onSmallDisk(name: string): { name: string; ignore: boolean } {
  return obstacle === ""
    ? { name, ignore: false }
    : { name: `${name} (ignored: ${obstacle})`, ignore: true };
}

/** Mounts an empty file system of `kilobytes` in a new folder. */
export async function mountSmallDisk(kilobytes: number): Promise<SmallDisk> {
  const path = await Deno.makeTempDir({ prefix: "retort-disk-" });
  if (!mount(path, kilobytes)) throw new Error(`Cannot mount ${path}`);
  return {
    path,
    async [Symbol.asyncDispose]() {
      await new Deno.Command("umount", { args: [path] }).output();
      await Deno.remove(path);
    },
  };
}
