/** @jsxRuntime automatic */
/** @jsxImportSource preact */
import { HttpError } from "fresh";
import { define } from "../define.ts";

export default define.page(function Failed({ error }) {
  return <h1>Failed: {error instanceof HttpError ? error.status : "500"}</h1>;
});
