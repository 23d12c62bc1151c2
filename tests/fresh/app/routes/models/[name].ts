import { define } from "../../define.ts";

export const handler = define.handlers((ctx) =>
  Response.json({ name: ctx.params.name, method: ctx.req.method })
);
