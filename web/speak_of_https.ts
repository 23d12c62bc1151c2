import { define } from "./define.ts";

/** Said where a proxy that isn't on this machine is to be believed too. */
const TRUST_FLAG = "--trust-proxy";

/** Addresses of this machine itself: what asks from there is the proxy before us. */
const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

/** What a response says that came by https, beside its policy. */
const STRICT = "max-age=31536000";

/** Where a request came from, as far as Fresh tells. */
type Origin = Readonly<{
  url: URL;
  req: Request;
  info?: Partial<Deno.ServeHandlerInfo>;
}>;

/** Whether `X-Forwarded-Proto` is to be believed. */
function isTrusted({ info }: Origin): boolean {
  if (Deno.args.includes(TRUST_FLAG)) return true;
  const remote = info?.remoteAddr;
  return remote?.transport === "tcp" && LOOPBACK.test(remote.hostname);
}

/**
 * Whether a request came by https: to this server, or to a trusted proxy before it,
 * which is one on this machine, or any with `--trust-proxy`.
 */
export function cameByHttps(origin: Origin): boolean {
  if (origin.url.protocol === "https:") return true;
  const told = origin.req.headers.get("x-forwarded-proto");
  return isTrusted(origin) &&
    told?.split(",")[0].trim().toLowerCase() === "https";
}

/**
 * Says what only https may say. Over http, `upgrade-insecure-requests`, which
 * Fresh puts into every policy, would have browsers ask for styles and scripts
 * where nobody listens: of 127.0.0.1 in WebKit, of any other name everywhere.
 */
export const speakOfHttps = define.middleware(async (ctx) => {
  const { headers } = ctx.req;
  const response = await ctx.next();
  if (headers.has("x-forwarded-proto")) {
    response.headers.append("vary", "x-forwarded-proto");
  }
  if (cameByHttps(ctx)) {
    response.headers.set("strict-transport-security", STRICT);
    return response;
  }
  const name = "content-security-policy";
  const policy = response.headers.get(name) ?? "";
  const kept = policy.split(/\s*;\s*/).filter((directive) =>
    directive !== "" && directive !== "upgrade-insecure-requests"
  );
  if (kept.length > 0) response.headers.set(name, kept.join("; "));
  return response;
});
