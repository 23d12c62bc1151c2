import { asset } from "fresh/runtime";
import { Colophon } from "../components/layout/Colophon.tsx";
import { Masthead } from "../components/layout/Masthead.tsx";
import { findPage } from "../components/layout/pages.ts";
import { define } from "../define.ts";

/** The document around every page. */
export default define.page(function App({ Component, url }) {
  const page = findPage(url.pathname);
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{page?.title ?? "Retort"}</title>
        {page && <meta name="description" content={page.description} />}
        <meta
          key="light"
          name="theme-color"
          content="#fdfdfb"
          media="(prefers-color-scheme: light)"
        />
        <meta
          key="dark"
          name="theme-color"
          content="#15171a"
          media="(prefers-color-scheme: dark)"
        />
        <link key="base" rel="stylesheet" href={asset("/styles.css")} />
        {page && <link key="page" rel="stylesheet" href={asset(page.sheet)} />}
        <link rel="icon" href={asset("/icon.svg")} type="image/svg+xml" />
        <link rel="apple-touch-icon" href={asset("/icons/icon-192.png")} />
        <link rel="manifest" href="/manifest.webmanifest" />
      </head>
      <body>
        <a class="skip button" href="#main">Skip to content</a>
        <Masthead path={url.pathname} />
        <main id="main" tabIndex={-1}>
          <Component />
        </main>
        <Colophon />
      </body>
    </html>
  );
});
