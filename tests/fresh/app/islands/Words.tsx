/** @jsxRuntime automatic */
/** @jsxImportSource preact */

/** A word twice. */
export function Double({ word }: { word: string }) {
  return <i>{word + word}</i>;
}

/** A word in capitals. */
export function Shout({ word }: { word: string }) {
  return <b>{word.toUpperCase()}</b>;
}
