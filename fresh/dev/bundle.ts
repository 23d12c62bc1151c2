/** Runs `deno bundle` in a folder; its complaint is the error's. */
export async function bundle(
  cwd: string,
  ...args: readonly string[]
): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", ...args],
    cwd,
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return;
  throw new Error(`Cannot bundle: ${new TextDecoder().decode(stderr)}`);
}
