import { Builder } from "fresh/dev";
import { join } from "@std/path";
import type { State } from "../../web/define.ts";
import { defineCommand } from "../command.ts";
import { copyWasm } from "./copy_wasm.ts";
import { WEB } from "./web_folder.ts";

export const command = defineCommand({
  name: "build",
  about:
    "Builds the site into web/_fresh: the server with all that it imports, the\nislands' scripts, the static files. It runs with no other permission than\n  deno run --allow-net --allow-read=web/_fresh web/_fresh/listen.js",
  examples: ["build", "build --json"],
  options: {},
  async run(_values, io) {
    await copyWasm(WEB);
    await new Builder<State>({ root: WEB }).build();
    const server = join(WEB, "_fresh", "server.js");
    io.print(`Built ${server}`);
    io.printJson({ server });
  },
});
