/** Gives the points of `keys` a class, on every chart, and takes it from the others. */
export function markPoints(
  charts: readonly Element[],
  name: string,
  keys: readonly string[],
): void {
  for (const chart of charts) {
    for (const marked of chart.querySelectorAll(`.point.${name}`)) {
      marked.classList.remove(name);
    }
    for (const key of keys) {
      for (
        const point of chart.querySelectorAll(
          `[data-point="${CSS.escape(key)}"]`,
        )
      ) point.classList.add(name);
    }
  }
}
