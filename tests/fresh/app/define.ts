import { createDefine } from "fresh";

/** What the middleware leaves for the routes. */
export interface State {
  greeting: string;
}

export const define = createDefine<State>();
