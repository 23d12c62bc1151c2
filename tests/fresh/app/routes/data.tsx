/** @jsxRuntime automatic */
/** @jsxImportSource preact */
import { page } from "fresh";
import { define } from "../define.ts";

export const handler = define.handlers({
  GET: () => page({ digits: [1, 2] }),
  POST: () =>
    page({ digits: [3] }, { status: 201, headers: { "x-made": "1" } }),
});

export default define.page<typeof handler>(({ data, state }) => (
  <main>
    {state.greeting} {data.digits.join()}
  </main>
));
