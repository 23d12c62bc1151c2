import type { DataFacts } from "../data_facts.ts";
import { shadeConfusion } from "./shade_confusion.ts";

/** What the model takes each class of test images for. */
export function Confusion(
  { matrix, data }: { matrix: number[][]; data: DataFacts },
) {
  const noun = data.digits ? "digit" : "class";
  const mistakes = matrix.flatMap((row, i) => row.filter((_, j) => i !== j));
  const most = Math.max(1, ...mistakes);
  return (
    <div class="table" role="region" aria-label="Confusion matrix" tabIndex={0}>
      <table class="confusion">
        <caption>
          {`Test images by the ${noun} that they are (row) and the ${noun} that the model takes them for (column).`}
        </caption>
        <thead>
          <tr>
            <td></td>
            {matrix.map((_, column) => (
              <th key={column} scope="col">{column}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {matrix.map((counts, row) => (
            <tr key={row}>
              <th scope="row">{row}</th>
              {counts.map((count, column) => (
                <td
                  key={column}
                  class={shadeConfusion(row, column, { count, most })}
                >
                  {count}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
