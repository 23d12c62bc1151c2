/** A square of the colour that the class `colour` has. */
export function Swatch({ colour }: { colour: string }) {
  return (
    <svg
      class={`swatch ${colour}`}
      width="12"
      height="12"
      aria-hidden="true"
    >
      <rect width="12" height="12" />
    </svg>
  );
}
