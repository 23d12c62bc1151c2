import { formatCount } from "../../../core/text/format_numbers.ts";
import type { InsidePartName, SiteInside } from "../../../site/inside_data.ts";
import { formatShare } from "./format_share.ts";
import { Swatch } from "./Swatch.tsx";
import { TensorTable } from "./TensorTable.tsx";

const NAMES: Record<InsidePartName, string> = {
  frame: "Magic number, version, length and checksum",
  architecture: "Architecture",
  labels: "Labels",
  headers: "How each layer is coded",
  scales: "Scales and codebooks",
  weights: "Weights",
  rounding: "Rounding up to a whole byte",
};

/** Bytes to a tenth. */
function formatTenths(bytes: number): string {
  return bytes.toLocaleString("en-US", {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  }).replace("-", "−");
}

/** The file's bytes as a bar, and its parts and layers as tables. */
export function Bytes(
  { inside, sha256 }: { inside: SiteInside; sha256: string },
) {
  const { bytes, parts } = inside;
  let end = 0;
  const segments = parts.map(({ part, bytes: cost }) => {
    const x = end;
    end += 1000 * Math.max(0, cost) / bytes;
    return { part, x, width: end - x };
  });
  return (
    <section aria-labelledby="bytes">
      <h2 id="bytes">Where the bytes went</h2>
      <p>
        All {formatCount(bytes)}{" "}
        bytes of the file, in fractions of a byte: its coder spends a part of a
        bit where it is sure of what follows.
      </p>
      <svg
        class="bytes"
        viewBox="0 0 1000 40"
        preserveAspectRatio="none"
        role="img"
        aria-label="The file's bytes by part, to scale; the table below has the numbers."
      >
        {segments.map(({ part, x, width }) => (
          <rect
            key={part}
            class={`part-${part}`}
            x={x}
            width={width}
            height="40"
          />
        ))}
      </svg>
      <div
        class="table"
        role="region"
        aria-label="Parts of the file"
        tabIndex={0}
      >
        <table>
          <thead>
            <tr>
              <th scope="col">Part</th>
              <th scope="col" class="number">Bytes</th>
              <th scope="col" class="number">Share</th>
            </tr>
          </thead>
          <tbody>
            {parts.map(({ part, bytes: cost }) => (
              <tr key={part}>
                <th scope="row">
                  <Swatch colour={`part-${part}`} />
                  {NAMES[part]}
                </th>
                <td class="number">{formatTenths(cost)}</td>
                <td class="number">{formatShare(Math.max(0, cost) / bytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <TensorTable tensors={inside.tensors} />
      <p class="note">
        SHA-256 of the file: <code>{sha256}</code>
      </p>
    </section>
  );
}
