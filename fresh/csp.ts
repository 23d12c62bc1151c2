import type { Middleware } from "./context.ts";

/** What `csp` may be told. */
export interface CSPOptions {
  /** Directives, each in place of the default of its name. */
  csp?: string[];
  /** As it may be told: no page has an inline script, so none is ever let in. */
  useNonce?: boolean;
}

const DEFAULTS = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data:",
  "media-src 'self' data: blob:",
  "worker-src 'self' blob:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "upgrade-insecure-requests",
];

/** Sets the header Content-Security-Policy on every response. */
export function csp<State>(
  { csp = [] }: CSPOptions = {},
): Middleware<State> {
  const nameOf = (directive: string) => directive.split(" ")[0];
  const named = new Set(csp.map(nameOf));
  const policy = [
    ...DEFAULTS.filter((directive) => !named.has(nameOf(directive))),
    ...csp,
  ].join("; ").replaceAll(" 'unsafe-inline'", "");
  return async (ctx) => {
    const response = await ctx.next();
    response.headers.set("content-security-policy", policy);
    return response;
  };
}
