import { findPage, PAGES } from "./pages.ts";

/** The name of the site and its pages; the one at `path` is marked. */
export function Masthead({ path }: { path: string }) {
  const current = findPage(path);
  return (
    <header class="masthead">
      <a class="wordmark" href="/">Retort</a>
      <nav aria-label="Pages">
        <ul>
          {PAGES.map((page) => (
            <li key={page.path}>
              <a
                href={page.path}
                aria-current={page === current ? "page" : undefined}
              >
                {page.name}
              </a>
            </li>
          ))}
        </ul>
      </nav>
    </header>
  );
}
