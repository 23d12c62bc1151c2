import { PAGES } from "../components/layout/pages.ts";
import { define } from "../define.ts";

/** There is no such page. */
export default define.page(function NotFound() {
  return (
    <>
      <h1>There is no such page</h1>
      <p class="lede">The address may be mistyped, or the page has moved.</p>
      <p>These are here:</p>
      <ul>
        {PAGES.map(({ path, name, description }) => (
          <li key={path}>
            <a href={path}>{name}</a>: {description}
          </li>
        ))}
      </ul>
    </>
  );
});
