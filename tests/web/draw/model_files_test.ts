import { assertEquals, assertRejects } from "@std/assert";
import { keepModelFiles } from "../../../web/components/draw/model_files.ts";

/** A response whose body comes in `parts`. */
function respond(...parts: number[][]): Response {
  return new Response(
    ReadableStream.from(parts.map((part) => Uint8Array.from(part))),
  );
}

Deno.test("a file that comes in parts is whole, and its progress is heard", async () => {
  const files = keepModelFiles(() =>
    Promise.resolve(respond([1], [2, 3], [4]))
  );
  const heard: number[] = [];
  const file = await files.read("/a", 4, (loaded) => heard.push(loaded));
  assertEquals(file, Uint8Array.of(1, 2, 3, 4));
  assertEquals(heard, [1, 3, 4]);
});

Deno.test("a file is fetched once, however many ask for it at once", async () => {
  let requests = 0;
  const files = keepModelFiles(() => {
    requests++;
    return Promise.resolve(respond([1]));
  });
  await Promise.all([files.read("/a", 1), files.read("/a", 1)]);
  assertEquals(requests, 1);
});

Deno.test("a file that failed is fetched again when it is asked for again", async () => {
  let requests = 0;
  const files = keepModelFiles(() => {
    requests++;
    return requests === 1
      ? Promise.reject(new TypeError("offline"))
      : Promise.resolve(respond([9]));
  });
  await assertRejects(() => files.read("/a", 1), TypeError, "offline");
  assertEquals(await files.read("/a", 1), Uint8Array.of(9));
});

for (
  const [what, parts] of Object.entries({
    "is cut short": [[1, 2]],
    "is empty": [],
    "goes on": [[1, 2, 3], [4, 5]],
  })
) {
  Deno.test(`a file that ${what} is refused`, async () => {
    const files = keepModelFiles(() => Promise.resolve(respond(...parts)));
    await assertRejects(
      () => files.read("/a", 4),
      Error,
      "it must have 4 bytes",
    );
  });
}

Deno.test("a server's refusal is told", async () => {
  const files = keepModelFiles(() =>
    Promise.resolve(new Response("no", { status: 404 }))
  );
  await assertRejects(() => files.read("/a", 2), Error, "answers 404");
});
