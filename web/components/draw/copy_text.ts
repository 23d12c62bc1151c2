/**
 * Copies what `field` holds, by the clipboard's own interface or else by selecting
 * it; whether that worked.
 */
export async function copyText(field: HTMLInputElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    // Not allowed, or no secure context: then as it was done before.
    field.select();
    return document.execCommand("copy");
  }
}
