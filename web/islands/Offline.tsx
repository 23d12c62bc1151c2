import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { keepPage } from "../components/offline/keep_page.ts";

/**
 * Says whether the site works offline, and lets it: `worker` is the address of the
 * service worker, which names the build.
 */
export default function Offline({ worker }: { worker: string }) {
  const isKept = useSignal(false);
  const isOnline = useSignal(true);

  useEffect(() => {
    const look = () => isOnline.value = navigator.onLine;
    look();
    addEventListener("online", look);
    addEventListener("offline", look);
    keepPage(worker, () => isKept.value = true);
    return () => {
      removeEventListener("online", look);
      removeEventListener("offline", look);
    };
  }, []);

  const kept = isKept.value ? "Works offline." : "";
  const text = isOnline.value
    ? kept
    : "Offline: what this browser has kept works on.";
  return (
    <p class="offline" role="status" data-testid="offline">
      <span key={text}>{text}</span>
    </p>
  );
}
