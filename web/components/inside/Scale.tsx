/** One number beside another, as a bar to scale; what it says stands in the text. */
export function Scale({ part, whole, label }: {
  part: number;
  whole: number;
  label: string;
}) {
  return (
    <svg
      class="scale"
      viewBox="0 0 1000 10"
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <rect class="whole" width="1000" height="10" />
      <rect class="part" width={1000 * Math.min(1, part / whole)} height="10" />
    </svg>
  );
}
