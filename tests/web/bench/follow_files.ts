/** What a file is and says. */
export interface SiteFile {
  /** Its media type, without parameters. */
  type: string;
  text: string;
}

/** Files that lead to each other. */
export interface FollowedFiles {
  /** Their addresses, the entries first. */
  files: string[];
  /** Scripts that those import only when called for. */
  called: string[];
}

/** Scripts and styles that HTML names in its tags, and what was built that it names anywhere. */
const IN_HTML =
  /(?:\b(?:href|src)=["'](?=\/)|["'](?=\/_fresh\/))([^"'\s<>]+?\.(?:js|mjs|css)(?:\?[^"'\s<>]*)?)["']/g;
const IN_CSS = /@import\s+(?:url\()?["']([^"']+)["']/g;
const IN_SCRIPT = /\b(?:from|import)\s*["'](\.{0,2}\/[^"']+)["']/g;
const WHEN_CALLED = /\bimport\s*\(\s*["'](\.{0,2}\/[^"']+)["']\s*\)/g;

const PATTERNS: Record<string, RegExp> = {
  "text/html": IN_HTML,
  "text/css": IN_CSS,
  "text/javascript": IN_SCRIPT,
};

/**
 * `entries`, and all that these lead to by links, scripts, islands and static
 * imports; without the files that are `known`.
 */
export async function followFiles(
  entries: string[],
  known: string[],
  read: (url: string) => Promise<SiteFile>,
): Promise<FollowedFiles> {
  const files = new Set(entries);
  const called = new Set<string>();
  // The set grows while it is gone through.
  for (const address of files) {
    const { type, text } = await read(address);
    const named = (pattern: RegExp) =>
      [...text.matchAll(pattern)]
        .map(([, path]) => new URL(path, address).href)
        .filter((each) => !known.includes(each));
    const pattern = PATTERNS[type];
    if (pattern) named(pattern).forEach((each) => files.add(each));
    if (type !== "text/javascript") continue;
    named(WHEN_CALLED).forEach((each) => called.add(each));
  }
  return {
    files: [...files],
    called: [...called].filter((each) => !files.has(each)),
  };
}
