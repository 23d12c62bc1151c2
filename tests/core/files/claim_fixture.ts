/** Claims the folder, or with "path" the name, that it is given, says so, and holds it until killed. */
import { claimFolder, claimPath } from "../../../core/files/claim_folder.ts";
import { openTemporary } from "../../../core/files/temporary_file.ts";

const [kind, path] = Deno.args;
using _claim = kind === "path"
  ? await claimPath(path, { command: "hold" })
  : await claimFolder(path, { command: "hold" });
using _file = openTemporary(kind === "path" ? path : `${path}/file`);
console.log("claimed");
await new Promise((wake) => setTimeout(wake, 600_000));
