/** Opacity of the largest weight: numbers stay readable on it. */
const MOST_OPACITY = 0.5;

function minus(value: number): string {
  return String(value).replace("-", "−");
}

/**
 * One kernel of `size` rows as cells of colour; `most` is the largest weight of all
 * kernels beside it. Where there are `levels`, each cell has its number.
 */
export function Filter({ number, size, values, most, levels, fontSize }: {
  number: number;
  size: number;
  values: number[];
  most: number;
  levels?: number[];
  fontSize?: number;
}) {
  const shown = levels ?? values;
  const zeros = values.filter((value) => value === 0).length;
  const label = `Filter ${number}: weights from ${
    minus(Math.min(...shown))
  } to ${minus(Math.max(...shown))}, ${zeros} of ${values.length} zero`;
  return (
    <svg
      class="filter"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
    >
      {values.map((value, i) => {
        const [x, y] = [i % size, Math.floor(i / size)];
        return (
          <g key={i}>
            <rect
              class={value < 0 ? "negative" : "positive"}
              x={x + 0.02}
              y={y + 0.02}
              width="0.96"
              height="0.96"
              fill-opacity={(MOST_OPACITY * Math.abs(value) / most).toFixed(3)}
            />
            {levels && (
              <text x={x + 0.5} y={y + 0.65} font-size={fontSize}>
                {minus(levels[i])}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}
