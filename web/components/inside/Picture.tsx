import type { InsidePicture } from "../../../site/inside_data.ts";

/**
 * A picture of `scale` screen pixels to a pixel of its own. Black ink turns white on
 * a dark page.
 */
export function Picture({ picture, scale, alt, ink = false }: {
  picture: InsidePicture;
  scale: number;
  alt: string;
  ink?: boolean;
}) {
  return (
    <img
      class={ink ? "picture ink" : "picture"}
      src={`data:image/png;base64,${picture.png}`}
      width={picture.width * scale}
      height={picture.height * scale}
      alt={alt}
    />
  );
}
