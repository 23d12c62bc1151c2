import type { Buffer } from "node:buffer";
import type { Page } from "playwright-core";

/** Drops a file of `bytes` on the page, as a person does who drags it there. */
export async function dropFile(
  page: Page,
  name: string,
  bytes: Buffer,
): Promise<void> {
  // Where the page says that files may be dropped.
  await page.getByTestId("file").waitFor({ state: "attached" });
  await page.locator("main").evaluate((main, { name, bytes }) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(
      new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name),
    );
    for (const type of ["dragenter", "dragover", "drop"]) {
      main.dispatchEvent(
        new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }),
      );
    }
  }, { name, bytes: bytes.toString("base64") });
}
