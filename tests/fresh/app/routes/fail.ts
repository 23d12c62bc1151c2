import { HttpError } from "fresh";
import { define } from "../define.ts";

export const handler = define.handlers({
  GET(ctx) {
    const status = Number(ctx.url.searchParams.get("status"));
    if (status === 0) throw new Error("secret");
    throw new HttpError(status, "told");
  },
});
