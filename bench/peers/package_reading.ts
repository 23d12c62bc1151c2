// Reading pictures by what packages have, as peers of the benchmark: `deno run
// package_reading.ts cpu node:zlib|jpeg-js`. Node's zlib reads and unpacks PNGs, no more:
// what no reader of them can do without. jpeg-js reads JPEGs in libjpeg-turbo's place; it
// has no resizing, and gets ours.
import process from "node:process";
import { inflateSync } from "node:zlib";
import { resizeImage } from "../../core/data/formats/pictures/convert_images.ts";
import { READER_PACKAGES } from "../../core/data/formats/reader_packages.ts";
import { listPictures, loadJpegJs } from "../pictures.ts";
import { servePeer, timeProcessor } from "./serve_peer.ts";

const name = Deno.args[1];

await servePeer({
  start: () =>
    Promise.resolve({
      version: name === "jpeg-js"
        ? READER_PACKAGES.inks.version
        : process.versions.zlib,
      adapter: null,
      threads: 1,
    }),
  async prepare(task) {
    if (name === "jpeg-js" && task.work === "read-jpeg") {
      const { decode } = await loadJpegJs();
      const { folder } = task;
      const options = { useTArray: true, formatAsRGBA: false } as const;
      return () =>
        timeProcessor(() => {
          for (const path of listPictures(folder)) {
            const picture = decode(Deno.readFileSync(path), options);
            const { width, height, data } = picture;
            resizeImage(data, [height, width, 3], [32, 32]);
          }
        });
    }
    if (name === "node:zlib" && task.work === "read-png") {
      const { folder } = task;
      return () =>
        timeProcessor(() => {
          for (const path of listPictures(folder)) {
            const bytes = Deno.readFileSync(path);
            // Behind the signature and the head: the one chunk of pixels.
            const length = new DataView(bytes.buffer).getUint32(33);
            inflateSync(bytes.subarray(41, 41 + length));
          }
        });
    }
    throw new Error(`it isn't asked for ${task.work}`);
  },
});
