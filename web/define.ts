import { createDefine } from "fresh";

/** What middlewares and routes of the app share: nothing so far. */
export type State = Record<never, never>;

/** Types the routes, pages and middlewares of this app. */
export const define = createDefine<State>();
