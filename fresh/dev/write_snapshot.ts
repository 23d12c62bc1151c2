import { toFileUrl } from "@std/path";
import type { BundledApp } from "./bundle_app.ts";

/**
 * The source of a module that exports a build's `snapshot`; `files` gives
 * where each file is, seen from that module, by the path of its address.
 */
export function writeSnapshot(
  mode: "development" | "production",
  { buildId, routes, islands, client }: BundledApp,
  files: Readonly<Record<string, string>>,
): string {
  const addressOf = (script: string) => `/_fresh/js/${buildId}/${script}`;
  const modules = [...Object.values(routes), ...Object.values(islands)];
  const nameOf = (module: string) => `module${modules.indexOf(module)}`;
  const imports = Object.entries(client.imports).map(([script, imported]) =>
    [addressOf(script), imported.map(addressOf)] as const
  );
  const findIslands = new URL("../find_islands.ts", import.meta.url);
  const json = JSON.stringify;
  return `import { findIslands } from ${json(findIslands)};
${
    modules.map((module) =>
      `import * as ${nameOf(module)} from ${json(toFileUrl(module))};`
    ).join("\n")
  }
export const snapshot = {
  mode: ${json(mode)},
  buildId: ${json(buildId)},
  clientEntry: ${json(addressOf(client.entry))},
  imports: ${json(Object.fromEntries(imports))},
  files: new Map(Object.entries(${json(files)}).map(([path, file]) =>
    [path, new URL(file, import.meta.url)])),
  routes: {${
    Object.entries(routes).map(([name, module]) =>
      `${json(name)}: ${nameOf(module)}`
    )
  }},
  islands: findIslands([${
    Object.entries(islands).map(([name, module]) =>
      `[${json(addressOf(client.islands[name]))}, ${nameOf(module)}]`
    )
  }]),
};
`;
}
