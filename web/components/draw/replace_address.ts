/** Makes `href` the page's address, without another entry in its history. */
export function replaceAddress(href: string): void {
  if (href === location.href) return;
  try {
    history.replaceState(history.state, "", href);
  } catch {
    // Safari allows it 100 times in 30 s; a slider may pass more models.
  }
}
