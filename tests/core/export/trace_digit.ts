/** Side of an image. */
const SIDE = 28;

/** Where the eight neighbours of a pixel lie, clockwise from the one above. */
const AROUND = [
  [0, -1],
  [1, -1],
  [1, 0],
  [1, 1],
  [0, 1],
  [-1, 1],
  [-1, 0],
  [-1, -1],
] as const;

/** Whether ink is on each of the neighbours of the pixel `at`. */
function neighboursOf(ink: readonly boolean[], at: number): boolean[] {
  const [x, y] = [at % SIDE, Math.floor(at / SIDE)];
  return AROUND.map(([right, down]) =>
    x + right >= 0 && x + right < SIDE &&
    Boolean(ink[(y + down) * SIDE + x + right])
  );
}

/**
 * The middle of lines, one pixel wide: Zhang and Suen, A Fast Parallel Algorithm for
 * Thinning Digital Patterns, 1984.
 */
function thin(image: Uint8Array): boolean[] {
  let ink = Array.from(image, (value) => value > 127);
  for (let changed = true; changed;) {
    changed = false;
    for (const second of [false, true]) {
      ink = ink.map((here, at) => {
        if (!here) return false;
        const near = neighboursOf(ink, at);
        const [up, , right, , down, , left] = near;
        const count = near.filter(Boolean).length;
        const begins = near.filter((each, i) => !each && near[(i + 1) % 8]);
        const inside = second
          ? (up && right && left) || (up && down && left)
          : (up && right && down) || (right && down && left);
        if (count < 2 || count > 6 || begins.length !== 1 || inside) {
          return true;
        }
        changed = true;
        return false;
      });
    }
  }
  return ink;
}

/**
 * The strokes with which the digit on `image`, `[28, 28]`, may have been written: the
 * middle of its lines, followed from pixel to pixel as straight as they go.
 */
export function traceDigit(image: Uint8Array): { x: number; y: number }[][] {
  const ink = thin(image);
  const places = ink.flatMap((here, at) => here ? [at] : []);
  const linked = (at: number) =>
    AROUND.flatMap(([right, down], direction) =>
      neighboursOf(ink, at)[direction] ? [at + down * SIDE + right] : []
    );
  /** Links that were drawn, both ways. */
  const drawn = new Set<string>();
  const free = (at: number) =>
    linked(at).filter((to) => !drawn.has(`${at} ${to}`));
  const turn = (before: number, at: number, to: number) => {
    const [x, y] = [at % SIDE - before % SIDE, to % SIDE - at % SIDE];
    const rows = (place: number) => Math.floor(place / SIDE);
    return -(x * y + (rows(at) - rows(before)) * (rows(to) - rows(at)));
  };
  const strokes: { x: number; y: number }[][] = [];
  const toPoint = (at: number) => ({
    x: at % SIDE + 0.5,
    y: Math.floor(at / SIDE) + 0.5,
  });
  // Ends of lines first, then what is closed.
  for (
    const start of places.toSorted((a, b) =>
      linked(a).length - linked(b).length
    )
  ) {
    if (linked(start).length === 0) strokes.push([toPoint(start)]);
    while (free(start).length > 0) {
      let [before, at] = [start, start];
      const row = [toPoint(start)];
      for (let next = free(at); next.length > 0; next = free(at)) {
        const to = next.reduce((best, each) =>
          turn(before, at, each) < turn(before, at, best) ? each : best
        );
        drawn.add(`${at} ${to}`).add(`${to} ${at}`);
        // The third side of a corner is no line of its own.
        for (
          const third of linked(at).filter((each) => linked(to).includes(each))
        ) {
          drawn.add(`${at} ${third}`).add(`${third} ${at}`);
        }
        [before, at] = [at, to];
        row.push(toPoint(to));
      }
      strokes.push(row);
    }
  }
  return strokes;
}
