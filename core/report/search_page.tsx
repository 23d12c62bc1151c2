/** @jsxRuntime automatic */
/** @jsxImportSource npm:preact@10.29.8 */
import type { JSX } from "npm:preact@10.29.8";
import type {
  ByteFrontierPoint,
  SearchResult,
} from "../search/search_result.ts";
import type { Chart } from "../charts/charts.ts";
import {
  formatAccuracy,
  formatBytes,
  formatCompression,
  formatCount,
  formatEstimate,
  formatGoal,
} from "../text/format_numbers.ts";
import { Figures, formatMinutes, Provenance } from "./html_parts.tsx";
import { HTML_STYLE } from "./html_style.ts";
import { Table } from "./html_tables.tsx";
import {
  listPublished,
  type PublishedPoint,
} from "../charts/published_points.ts";
import { formatByteEstimate } from "./search_tables.ts";
import { describeLoss } from "../train/losses/losses.ts";

/** The report of a search, from `<html>`. */
export function SearchPage(
  { result, charts }: { result: SearchResult; charts: Chart[] },
): JSX.Element {
  const { dataset, unfinished } = result;
  const published = listPublished(dataset);
  const stopped = unfinished.filter(({ state }) => state === "stopped").length;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>{`${result.study}: how small can the file be?`}</title>
        <style dangerouslySetInnerHTML={{ __html: HTML_STYLE }} />
      </head>
      <body>
        <h1>How small can the file be?</h1>
        <p class="byline">
          Study {result.study} · {dataset.name} · {result.trials.length} files ·
          {" "}
          {formatMinutes(result.seconds)}
        </p>
        <Answer result={result} />
        <p class="note">
          A size is the length of one .dram file, which holds everything that
          inference needs. Every choice (epoch, layers, bits) is made on the
          {" "}
          {formatCount(dataset.validation)} validation images; the{" "}
          {formatCount(dataset.test)}{" "}
          test images are read once a file, to report. Trials stopped early,
          because a smaller one did better: {stopped}.
          {result.evolution && <Bred evolution={result.evolution} />}
        </p>
        <h2>The frontier</h2>
        <FileTable frontier={result.frontier} />
        <Figures charts={charts} />
        <h2>Over seeds</h2>
        <RecipeTable result={result} />
        {published.length > 0 && <PublishedTable published={published} />}
        <h2>How it was made</h2>
        <Provenance of={result} />
        {unfinished.length > 0 && <Unfinished result={result} />}
      </body>
    </html>
  );
}

/** That students were bred from one another. */
function Bred(
  { evolution: { seed, founders } }: {
    evolution: NonNullable<SearchResult["evolution"]>;
  },
): JSX.Element {
  return (
    <>
      {" "}
      Found by evolution from {formatCount(founders)} recipes, seed{" "}
      {seed}: each further one is one of the best by then with something
      changed.
    </>
  );
}

/** The smallest file at the highest accuracy asked for that one reaches. */
function Answer({ result }: { result: SearchResult }): JSX.Element {
  const point = result.frontier.at(-1);
  if (!point) {
    return (
      <p class="answer">
        No file of this search reaches an accuracy asked for.
      </p>
    );
  }
  const { accuracy, file } = point;
  return (
    <p class="answer">
      The smallest file at ≥ {formatGoal(accuracy)} has{" "}
      <strong>{formatCount(file.bytes)} bytes</strong>:{" "}
      {formatCount(file.parameters)} parameters of {file.bits} bits,{" "}
      {formatCompression(file.compression)} smaller than the teacher. It scores
      {" "}
      <span class="whole">{formatAccuracy(file.accuracy.test)}</span>{" "}
      on test, where the teacher scores{" "}
      {formatAccuracy(result.teacher.accuracy.test)}.
    </p>
  );
}

/** The smallest file that reaches each accuracy asked for. */
function FileTable(
  { frontier }: { frontier: ByteFrontierPoint[] },
): JSX.Element {
  return (
    <Table
      caption="s(f) in bytes: the smallest file that reaches accuracy f on the validation images, and what it scores on the test images."
      headings={[
        "f",
        "Bytes",
        "Smaller",
        "Parameters",
        "Bits",
        "Validation",
        "Test",
        "<Layers",
        "<Trained",
      ]}
    >
      {frontier.map(({ accuracy, file }) => (
        <tr key={accuracy}>
          <td>≥ {formatGoal(accuracy)}</td>
          <td>{formatCount(file.bytes)}</td>
          <td>{formatCompression(file.compression)}</td>
          <td>{formatCount(file.parameters)}</td>
          <td>{file.bits}</td>
          <td>{formatAccuracy(file.accuracy.validation)}</td>
          <td>{formatAccuracy(file.accuracy.test)}</td>
          <td class="text">{file.layers}</td>
          <td class="text">{describeLoss(file.loss)}</td>
        </tr>
      ))}
    </Table>
  );
}

/** Every recipe, over its seeds. */
function RecipeTable({ result }: { result: SearchResult }): JSX.Element {
  return (
    <Table
      caption="Every recipe whose seeds all ran to their end: means over seeds, with 95% intervals."
      headings={[
        "Bytes",
        "Parameters",
        "Bits",
        "Penalty",
        "Seeds",
        "Validation",
        "Test",
        "<Layers",
        "<Trained",
      ]}
    >
      {result.recipes.map((recipe) => (
        <tr
          key={`${recipe.layers} ${recipe.bits} ${recipe.ratePenalty} ${recipe.loss}`}
        >
          <td>{formatByteEstimate(recipe.bytes)}</td>
          <td>{formatCount(recipe.parameters)}</td>
          <td>{recipe.bits}</td>
          <td>{recipe.ratePenalty}</td>
          <td>{recipe.seeds.length}</td>
          <td>{formatAccuracy(recipe.validation.mean)}</td>
          <td>{formatEstimate(recipe.test)}</td>
          <td class="text">{recipe.layers}</td>
          <td class="text">{describeLoss(recipe.loss)}</td>
        </tr>
      ))}
    </Table>
  );
}

/** What is drawn beside ours, with sources. */
function PublishedTable(
  { published }: { published: readonly PublishedPoint[] },
): JSX.Element {
  return (
    <>
      <h2>What others have published</h2>
      <Table
        caption="Published models of MNIST whose size in bytes is known, as published. A split is clean where the source says that the model was chosen on images apart from the test set."
        headings={[
          "<Who",
          "Accuracy",
          "Size",
          "<Clean split",
          "<What it counts",
        ]}
      >
        {published.toSorted((a, b) => a.bytes - b.bytes).map((point) => (
          <tr key={`${point.name} ${point.bytes}`}>
            <td class="text" title={point.source}>{point.name}</td>
            <td>{formatAccuracy(point.accuracy)}</td>
            <td>{formatBytes(point.bytes)}</td>
            <td class="text">{point.cleanSplit ? "yes" : "not said"}</td>
            <td class="text prose">{point.note}</td>
          </tr>
        ))}
      </Table>
    </>
  );
}

/** Trials that were stopped or failed, with why. */
function Unfinished({ result }: { result: SearchResult }): JSX.Element {
  return (
    <>
      <h2>Stopped and failed</h2>
      <ul>
        {result.unfinished.map(({ layers, bits, loss, seed, ...rest }) => (
          <li key={`${layers} ${bits} ${rest.ratePenalty} ${loss} ${seed}`}>
            {layers}, {bits} bits, penalty {rest.ratePenalty},{" "}
            {describeLoss(loss)}, seed {seed}: {rest.state}: {rest.reason}
          </li>
        ))}
      </ul>
    </>
  );
}
