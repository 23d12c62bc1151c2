import { Builder } from "fresh/dev";
import type { State } from "../../web/define.ts";
import { checkAddress } from "../options/check_address.ts";
import { defineCommand } from "../command.ts";
import { copyWasm } from "./copy_wasm.ts";
import { WEB } from "./web_folder.ts";

export const command = defineCommand({
  name: "web",
  about:
    "Serves the site from its sources, until Ctrl-C. Styles and other static files\nare read again at every request; code is, when it is started again.",
  examples: ["web", "web --port 8123"],
  options: {
    port: {
      kind: "integer",
      min: 0,
      max: 65535,
      default: 8000,
      help: "port to serve on; 0 takes one that is free",
    },
    host: {
      kind: "string",
      default: "127.0.0.1",
      help: "address to serve on; 0.0.0.0 for every one of this machine",
    },
    // The site looks for it among the program's arguments, as its built server does.
    trustProxy: {
      kind: "boolean",
      help: "believe X-Forwarded-Proto of a proxy on another machine",
    },
  },
  async run({ port, host }, io) {
    checkAddress(host, port);
    await copyWasm(WEB);
    await new Builder<State>({ root: WEB }).listen(
      () => import("../../web/main.ts"),
      {
        port,
        hostname: host,
        onListen({ hostname, port }) {
          const url = `http://${hostname}:${port}/`;
          io.print(`The site is at ${url} until Ctrl-C`);
          io.printJson({ url });
        },
      },
    );
    await new Promise((resolve) =>
      io.signal.addEventListener("abort", resolve)
    );
  },
});
