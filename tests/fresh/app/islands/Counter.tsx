/** @jsxRuntime automatic */
/** @jsxImportSource preact */
import { asset } from "fresh/runtime";
import { useState } from "preact/hooks";
import { Double } from "./Words.tsx";

/** A button that counts; and an island within an island. */
export default function Counter(
  { start, label }: { start: number; label: string },
) {
  const [count, setCount] = useState(start);
  return (
    <>
      <button
        type="button"
        title={label}
        onClick={() => setCount(count + 1)}
      >
        {count}
      </button>
      <a href={asset("/style.css")}>style</a>
      <Double word={String(count)} />
    </>
  );
}
