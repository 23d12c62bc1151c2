/**
 * What the module `code` prints, in a process of its own: its `./` is the repository.
 * `flags` are Deno's.
 */
export async function runScript(
  code: string,
  ...flags: string[]
): Promise<string> {
  const root = new URL("..", import.meta.url);
  const script = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    const absolute = code.replaceAll(
      /(from |import\()"\.\//g,
      (_, start) => `${start}"${root.href}`,
    );
    await Deno.writeTextFile(script, absolute);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-check",
        "--config",
        new URL("deno.json", root).pathname,
        "--no-prompt",
        "--allow-all",
        ...flags,
        script,
      ],
    }).output();
    const text = new TextDecoder().decode(stdout).trim();
    return text || new TextDecoder().decode(stderr);
  } finally {
    await Deno.remove(script);
  }
}
