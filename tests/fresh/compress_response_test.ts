import { assertEquals } from "@std/assert";
import { compressResponse } from "../../fresh/compress_response.ts";

/** How a page of some kilobytes is encoded for who sends `accepted`. */
async function encodingFor(accepted?: string): Promise<string | null> {
  const headers: HeadersInit = accepted === undefined
    ? {}
    : { "accept-encoding": accepted };
  const response = await compressResponse(
    new Request("http://localhost/", { headers }),
    new Response("7".repeat(4000), {
      headers: { "content-type": "text/html" },
    }),
  );
  await response.body?.cancel();
  return response.headers.get("content-encoding");
}

Deno.test("a text is compressed by gzip for who takes that, and for nobody else", async () => {
  for (
    const accepted of ["gzip", "gzip, br", "br;q=1.0, gzip;q=0.8, *;q=0.1"]
  ) {
    assertEquals(await encodingFor(accepted), "gzip", accepted);
  }
  for (const accepted of [undefined, "", "br", "identity", "gzip;q=0"]) {
    assertEquals(await encodingFor(accepted), null, accepted);
  }
});
