import { formatCount } from "../../../core/text/format_numbers.ts";
import type { InsideTensor } from "../../../site/inside_data.ts";

/** Bits of each layer: how its weights are held, and what they cost. */
export function TensorTable({ tensors }: { tensors: InsideTensor[] }) {
  const most = Math.max(...tensors.map(({ bytes }) => bytes));
  return (
    <>
      <h3>Bits of each layer</h3>
      <div
        class="table"
        role="region"
        aria-label="Bits of each layer"
        tabIndex={0}
      >
        <table class="tensors">
          <thead>
            <tr>
              <th scope="col">Layer</th>
              <th scope="col" class="number">Weights</th>
              <th scope="col" class="number">Zeros</th>
              <th scope="col">Held as</th>
              <th scope="col" class="number">Entropy</th>
              <th scope="col" class="number">Bits a weight</th>
              <th scope="col" class="number">Bytes</th>
              <td></td>
            </tr>
          </thead>
          <tbody>
            {tensors.map((tensor, index) => {
              const { layer, role, weights, zeros, held, entropy, bytes } =
                tensor;
              return (
                <tr key={index} class={role}>
                  <th scope="row">
                    {role === "kernel" ? layer : "its biases"}
                  </th>
                  <td class="number">{formatCount(weights)}</td>
                  <td class="number">{formatCount(zeros)}</td>
                  <td>{held}</td>
                  <td class="number">{entropy.toFixed(2)}</td>
                  <td class="number">{(bytes * 8 / weights).toFixed(2)}</td>
                  <td class="number">{bytes.toFixed(1)}</td>
                  <td>
                    <svg
                      class="bar"
                      viewBox="0 0 100 10"
                      preserveAspectRatio="none"
                      aria-hidden="true"
                    >
                      <rect
                        width={(100 * bytes / most).toFixed(2)}
                        height="10"
                      />
                    </svg>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <p class="note">
        Entropy is what the weights would cost each, in bits, if they were told
        one by one by how often each value occurs. The coder goes below it where
        neighbours foretell a weight.
      </p>
    </>
  );
}
