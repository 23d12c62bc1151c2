/** @jsxRuntime automatic */
/** @jsxImportSource preact */
import { define } from "../define.ts";

export default define.page(() => <main>no island</main>);
