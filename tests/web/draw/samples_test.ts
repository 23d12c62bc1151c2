import { assertEquals, assertRejects } from "@std/assert";
import { loadSamples } from "../../../web/components/draw/samples.ts";
import samples from "../../../web/static/data/samples.json" with {
  type: "json",
};

/** Gives the site's own file. */
const get = async (path: string) =>
  new Response(
    await Deno.readFile(new URL(`../../../web/static${path}`, import.meta.url)),
  );

Deno.test("a digit's images come one after another, and then from the first again", async () => {
  const next = await loadSamples(get);
  const indices = Array.from({ length: 41 }, () => next(4).index);
  const all = samples.indices.filter((_, i) => samples.classes[i] === 4);
  assertEquals(indices, [...all, ...all, all[0]]);
});

Deno.test("each image is the one that its place in the file holds", async () => {
  const next = await loadSamples(get);
  const file = new Uint8Array(await (await get(samples.file)).arrayBuffer());
  for (let digit = 0; digit < 10; digit++) {
    const { image, index } = next(digit);
    const place = samples.indices.indexOf(index);
    assertEquals(image, file.slice(784 * place, 784 * (place + 1)));
    assertEquals(samples.classes[place], digit);
  }
});

Deno.test("a file that isn't there, or another one, is refused", async () => {
  for (
    const response of [new Response("no", { status: 404 }), new Response("ten")]
  ) {
    await assertRejects(
      () => loadSamples(() => Promise.resolve(response)),
      Error,
      "it must have 156800 bytes",
    );
  }
});
