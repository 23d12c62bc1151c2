import { Swatch } from "./Swatch.tsx";

/** A colour of a picture, as a class of its own, and what it means. */
export type KeyEntry = [colour: string, text: string];

/** What the colours of a picture mean; `false` for one that it doesn't have. */
export function Key({ entries }: { entries: (KeyEntry | false)[] }) {
  return (
    <ul class="key">
      {entries.filter((entry) => entry !== false).map(([colour, text]) => (
        <li key={colour}>
          <Swatch colour={colour} />
          {text}
        </li>
      ))}
    </ul>
  );
}
