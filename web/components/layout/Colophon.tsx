import { asset } from "fresh/runtime";
import Offline from "../../islands/Offline.tsx";

/** What the site is, and its data. */
export function Colophon() {
  return (
    <footer class="colophon">
      <p>
        Retort distils a trained network into one small enough for a link, and
        shows what every byte saved costs. Everything runs on your own device;
        nothing you draw leaves it.
      </p>
      <p>
        The data: <a href="/api/study.csv">CSV</a>,{" "}
        <a href="/api/study">JSON</a>,{" "}
        <a href="/api/models">models</a>. Free software under the MIT licence;
        {" "}
        <a href="/NOTICE.txt">what it holds of others</a>.
      </p>
      <Offline worker={asset("/sw.js")} />
    </footer>
  );
}
