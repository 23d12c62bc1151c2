/** The pages of the site, one of each kind. */
export const PAGES: readonly string[] = ["/", "/tradeoff", "/inside"];

/** What pages are looked at on, and in. */
export const LOOKS = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true },
  dark: {
    viewport: { width: 1280, height: 800 },
    colorScheme: "dark",
  },
} as const;
