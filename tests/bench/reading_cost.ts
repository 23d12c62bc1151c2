// What the way from a folder of pictures costs in time and memory, of 1, 4 and 16 times
// the pictures: `deno task reading-cost [--json] [--only data|compact]`. Each command is
// a process of its own, allowed far less memory than the pictures' pixels take, so that
// they are read in parts: `data` of colour PNGs of 64×64, and `compact`, an epoch of each
// part, of PNGs of 28×28 with the shipped teacher as an ONNX file. Memory is the process's
// peak, time the processor's on all threads, as Linux tells them.
import { parseArgs } from "@std/cli/parse-args";
import { peakMemory } from "../../bench/peak_memory.ts";
import { pixelCount } from "../../core/data/dataset.ts";
import { encodePng } from "../../core/data/formats/pictures/encode_png.ts";
import type { Picture } from "../../core/data/formats/pictures/picture.ts";
import { loadMnist } from "../../core/data/mnist.ts";
import { writeOnnx } from "../../core/export/onnx.ts";
import { loadShippedTeacher } from "../../core/models/shipped_teacher.ts";
import { withoutDropout } from "../../core/models/spec.ts";
import { formatTextTable } from "../../core/text/text_table.ts";

const TIMES = [1, 4, 16];
const MAIN = new URL("../../cli/main.ts", import.meta.url).pathname;
/** Milliseconds between two looks at a process's memory, whose peak only grows. */
const LOOK = 50;

const { json, only = "" } = parseArgs(Deno.args, {
  boolean: ["json"],
  string: ["only"],
});

const folder = await Deno.makeTempDir();
const { train } = await loadMnist();

/** Digit `index` in a corner of its own of a picture, in a colour of its own. */
function drawColours(index: number): Uint8Array<ArrayBuffer> {
  const side = 64;
  const pixels = new Uint8Array(3 * side * side);
  const from = index % train.count * 784;
  const corner = [index % 37, (7 * index) % 37];
  for (let i = 0; i < 784; i++) {
    const row = Math.floor(i / 28) + corner[0];
    const at = 3 * (row * side + i % 28 + corner[1]);
    for (let c = 0; c < 3; c++) {
      pixels[at + c] = train.images[from + i] * (1 + (index >> c & 3)) / 4;
    }
  }
  return pixels;
}

function drawGrey(index: number): Uint8Array<ArrayBuffer> {
  const from = index % train.count * 784;
  return new Uint8Array(train.images.subarray(from, from + 784));
}

/** A command, and the pictures that it is given. */
interface Work {
  name: string;
  /** Pictures of 1×. */
  base: number;
  /** Of `--memory`, in MiB: less than the pixels of 4× have. */
  memory: number;
  shape: Picture["shape"];
  draw: (index: number) => Uint8Array<ArrayBuffer>;
  args: (data: string) => string[];
}

const WORKS: Work[] = [
  {
    name: "data, PNG 64×64×3",
    base: 1000,
    memory: 8,
    shape: [64, 64, 3],
    draw: drawColours,
    args: (data: string) => ["data", data],
  },
  {
    name: "compact from ONNX, PNG 28×28",
    base: 1000,
    memory: 1,
    shape: [28, 28, 1],
    draw: drawGrey,
    args: (data: string) => [
      ...["compact", "--teacher", `${folder}/teacher.onnx`, "--data", data],
      ...["--layers", "conv5x4/2,max2,conv3x6", "--copies", "1", "--epochs"],
      ...["1", "--quantised-epochs", "1", "--backend", "wasm", "--force"],
      ...["--out", `${folder}/small.dram`],
    ],
  },
];

/** Writes `count` pictures by class, a sixth of them to test by. */
function writePictures(
  place: string,
  count: number,
  { shape, draw }: Work,
): void {
  for (let i = 0; i < count; i++) {
    const label = train.labels[i % train.count];
    const at = `${place}/${i % 6 ? "train" : "test"}/${label}`;
    if (i < 600) Deno.mkdirSync(at, { recursive: true });
    Deno.writeFileSync(`${at}/${i}.png`, encodePng({ shape, pixels: draw(i) }));
  }
}

/** Seconds of the processor's time that the process has taken on all threads: Linux's clock ticks. */
async function processorSeconds(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
  // After the name, which is in brackets: utime and stime are the 14th and 15th.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return stat === "" ? 0 : (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Runs a command line as a process, which must do its work. */
async function measure(args: string[]) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", MAIN, ...args],
    // Its caches, pools among them, are this measurement's own.
    env: { INIT_CWD: folder },
    cwd: folder,
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let [peak, seconds] = [0, 0];
  const looking = setInterval(async () => {
    peak = Math.max(peak, await peakMemory(child.pid) ?? 0);
    seconds = Math.max(seconds, await processorSeconds(child.pid));
  }, LOOK);
  const { success, stderr } = await child.output();
  clearInterval(looking);
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return { seconds, peak };
}

const { spec, weights } = await loadShippedTeacher();
await Deno.writeFile(
  `${folder}/teacher.onnx`,
  writeOnnx(withoutDropout(spec), weights),
);
const rows = [];
try {
  for (const work of WORKS.filter(({ name }) => name.startsWith(only))) {
    for (const times of TIMES) {
      const count = times * work.base;
      const place = `${folder}/${work.shape.join("x")}-${times}`;
      writePictures(place, count, work);
      const { seconds, peak } = await measure([
        ...work.args(place),
        ...["--memory", `${work.memory}`],
      ]);
      const pixels = count * pixelCount(work.shape);
      console.error(`${work.name}, ${times}×: ${seconds.toFixed(1)} s`);
      rows.push({
        work: work.name,
        times,
        pictures: count,
        pixels,
        seconds,
        peak,
      });
      await Deno.remove(place, { recursive: true });
    }
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
console.log(
  json ? JSON.stringify(rows) : formatTextTable(
    [
      { heading: "command", align: "left" },
      { heading: "times", align: "right" },
      { heading: "pictures", align: "right" },
      { heading: "pixels, MB", align: "right" },
      { heading: "processor, s", align: "right" },
      { heading: "pictures/s of a core", align: "right" },
      { heading: "peak, MB", align: "right" },
    ],
    rows.map(({ work, times, pictures, pixels, seconds, peak }) => [
      work,
      `${times}×`,
      pictures.toLocaleString("en"),
      megabytes(pixels),
      seconds.toFixed(1),
      Math.round(pictures / seconds).toLocaleString("en"),
      megabytes(peak),
    ]),
  ),
);
