import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";

/** The colour of text in an element, again whenever light turns to dark or back; empty at first. */
export function useInk(element: RefObject<HTMLElement>): Signal<string> {
  const ink = useSignal("");
  useEffect(() => {
    const read = () => {
      if (element.current) ink.value = getComputedStyle(element.current).color;
    };
    read();
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", read);
    return () => dark.removeEventListener("change", read);
  }, []);
  return ink;
}
