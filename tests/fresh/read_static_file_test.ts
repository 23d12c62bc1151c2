import { assert, assertEquals, assertRejects } from "@std/assert";
import { toFileUrl } from "@std/path";
import { readStaticFile } from "../../fresh/read_static_file.ts";

Deno.test("a read that fails isn't kept; one that doesn't is, for all who ask meanwhile", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const location = toFileUrl(`${folder}/digits.bin`);
    const read = () => readStaticFile("/digits.bin", location, "production");
    await assertRejects(read, Deno.errors.NotFound);
    await Deno.writeTextFile(location, "0123456789");
    const [first, ...others] = await Promise.all([read(), read(), read()]);
    assertEquals(first.file.size, 10);
    assert(others.every((other) => other === first), "it was read again");
    const { file, digest } = await read();
    const bytes = await new Response(file.stream()).bytes();
    const hash = await crypto.subtle.digest("SHA-256", bytes);
    assertEquals(digest, new Uint8Array(hash).toHex().slice(0, 32));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
