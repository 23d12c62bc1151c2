import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";

/** The width of an element in pixels of the device; 0 until it is measured. */
export function useSide(element: RefObject<HTMLElement>): Signal<number> {
  const side = useSignal(0);
  useEffect(() => {
    if (!element.current) return;
    const observer = new ResizeObserver(([{ contentRect }]) => {
      side.value = Math.round(contentRect.width * devicePixelRatio);
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return side;
}
