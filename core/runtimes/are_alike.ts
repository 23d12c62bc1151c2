/** How far two backends' answers may lie apart, as a share of the largest. */
const TOLERANCE = 1e-3;

/** Whether a runtime's backend answers `a` where a surer one answers `b`, but for rounding. */
export function areAlike(a: Float32Array, b: Float32Array): boolean {
  const most = b.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  return a.length === b.length &&
    a.every((value, i) => Math.abs(value - b[i]) <= TOLERANCE * most);
}
