/** The drawing page with the model `name`. */
export function linkModel(name: string): string {
  return `/?model=${encodeURIComponent(name)}`;
}
