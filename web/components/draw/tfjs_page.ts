/** What `core/infer/tfjs/page.ts` exports, as a type: nothing of it is loaded by this. */
export type TfjsPage = Pick<
  typeof import("../../../core/infer/tfjs/page.ts"),
  "startPageBackend" | "loadInPage"
>;
