/** The strong ETag of `text`: half of its SHA-256. */
export async function tagText(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return `"${new Uint8Array(digest, 0, 16).toHex()}"`;
}

/** Whether `tag` is among those of an If-None-Match header, which compares weakly. */
export function isAmong(tag: string, header: string | null): boolean {
  return (header ?? "").split(",").some((each) => {
    const known = each.trim();
    return known === "*" || known.replace(/^W\//, "") === tag;
  });
}
