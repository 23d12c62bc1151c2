import { assertEquals, assertRejects } from "@std/assert";
import { startPeer } from "../../bench/peer_process.ts";
import {
  listPictures,
  readingItem,
  writePictures,
} from "../../bench/pictures.ts";
import { findPython, listReaders, SYSTEM_NAMES } from "../../bench/system.ts";
import { PICTURE_FORMS } from "../../bench/task.ts";
import { loadDataset } from "../../core/data/formats/load_dataset.ts";

const folder = await Deno.makeTempDir({ prefix: "retort-pictures-" });
await writePictures(folder, { png: 12, jpeg: 3 }, 40);
const python = await findPython("PIL");
const { success: hasPillow } = await new Deno.Command(python, {
  args: ["-c", "import PIL"],
  stdout: "null",
  stderr: "null",
}).output().catch(() => ({ success: false }));

Deno.test("what is read are grey digits of 28×28, and photos of three colours, all others", async () => {
  const png = await loadDataset(`${folder}/png`);
  assertEquals(png.train.count + png.test.count, 12);
  assertEquals([png.shape, png.classNames], [[28, 28, 1], ["even", "odd"]]);
  const jpeg = await loadDataset(`${folder}/jpeg`);
  assertEquals([jpeg.train.count, jpeg.test.count], [2, 1]);
  assertEquals(jpeg.shape, [40, 40, 3]);
  const files = listPictures(`${folder}/jpeg`).map((path) =>
    Deno.readFileSync(path).join()
  );
  assertEquals(new Set(files).size, 3);
});

Deno.test("who reads pictures is timed at it, and asked for nothing else", async () => {
  for (const form of PICTURE_FORMS) {
    const { task } = readingItem(form, folder);
    const others = PICTURE_FORMS.filter((each) => each !== form)
      .map((other) => readingItem(other, folder).task);
    for (const system of listReaders(form, { names: SYSTEM_NAMES, python })) {
      if (system.name === "pillow" && !hasPillow) {
        await assertRejects(() => startPeer(system), Error, "python3-pil");
        continue;
      }
      await using peer = await startPeer(system);
      assertEquals([await peer.run(task) > 0, peer.threads], [true, 1]);
      await assertRejects(() => peer.run({ work: "matmul", size: 2 }), Error);
      if (!["retort", "pillow"].includes(system.name)) {
        await assertRejects(() => peer.run(others[0]), Error, "isn't asked");
      }
    }
  }
});

Deno.test("of the systems that are named, readers are those that read a form", () => {
  const namesOf = (...names: typeof SYSTEM_NAMES[number][]) =>
    PICTURE_FORMS.map((form) =>
      listReaders(form, { names, python }).map(({ name }) => name)
    );
  assertEquals(namesOf("tfjs", "jpeg-js"), [[], ["jpeg-js"]]);
  assertEquals(namesOf("retort", "node:zlib"), [["retort", "node:zlib"], [
    "retort",
  ]]);
});

addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
