import type { FunctionComponent } from "preact";
import type { Context } from "./context.ts";

/** What a page, `_app` and `_error` are given. */
export type PageProps<Data = unknown, State = unknown> =
  & Pick<Context<State>, "url" | "req" | "params" | "state" | "error">
  & {
    /** What the handler gave to `page`. */
    data: Data;
    /** The page, in `_app`. */
    Component: FunctionComponent;
  };
