import { define } from "../define.ts";

/** The server failed; what it said goes to its log, not to the reader. */
export default define.page(function Failed() {
  return (
    <>
      <h1>Something failed on our side</h1>
      <p class="lede">
        Nothing that you drew is lost: it never left your device.
      </p>
      <p>
        Loading the page again may help. If not, begin{" "}
        <a href="/">with an empty canvas</a>.
      </p>
    </>
  );
});
