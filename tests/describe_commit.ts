/** The commit that is checked out, and whether anything differs from it. */
export async function describeCommit(): Promise<string> {
  const git = async (...args: string[]) => {
    const { stdout } = await new Deno.Command("git", { args }).output();
    return new TextDecoder().decode(stdout).trim();
  };
  const changed = await git("status", "--porcelain", "--untracked-files=no");
  return await git("rev-parse", "HEAD") + (changed && " with changes");
}
