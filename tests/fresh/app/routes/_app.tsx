/** @jsxRuntime automatic */
/** @jsxImportSource preact */
import { asset } from "fresh/runtime";
import { define } from "../define.ts";

export default define.page(function App({ Component, url, state }) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>App</title>
        <meta name="description" content="of the app" />
        <link key="base" rel="stylesheet" href={asset("/style.css")} />
      </head>
      <body class={state.greeting}>
        <p>{url.pathname}</p>
        <Component />
      </body>
    </html>
  );
});
