import type { PoolSize } from "../ops/max_pool_scatter.ts";

/** Row, column and number of every place in a window, row by row. */
export function windowPlaces(
  [rows, columns]: PoolSize,
): { row: number; column: number; place: number }[] {
  return Array.from({ length: rows * columns }, (_, place) => ({
    row: Math.floor(place / columns),
    column: place % columns,
    place,
  }));
}
