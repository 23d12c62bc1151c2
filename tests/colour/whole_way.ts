/**
 * The whole way of colours by the commands, with accuracies and times: shapes of
 * 32×32×3 in CIFAR-10's form and of 64×64×3 as PNGs, a teacher, a sweep, a compressed
 * file, a compact student with residual and depthwise layers, ONNX and C. Minutes:
 * `deno run -A tests/colour/whole_way.ts`, or of one side alone,
 * on one backend: `--side 32 --backend wasm`.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { fileURLToPath } from "node:url";
import { writeCifarShapes, writeShapeFolder } from "./write_shapes.ts";

const MAIN = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));
const { side: only, train, test, backend } = parseArgs(Deno.args, {
  string: ["side", "train", "test", "backend"],
  default: { train: "3000", test: "600", backend: "auto" },
});

/** Layers of the compact student, by the side of a picture. */
const LAYERS: Record<number, string> = {
  32:
    "conv3x16/2:same,res(conv3x16:same,conv3x16:same:linear),depth3/2:same,conv1x32,depth3:same,conv1x32,mean",
  64:
    "conv5x16/4:same,res(conv3x16:same,conv3x16:same:linear),depth3/2:same,conv1x32,depth3:same,conv1x32,mean",
};

/** Runs a command in `folder`; tells what it printed and how long it took. */
async function run(folder: string, ...args: string[]): Promise<void> {
  const start = performance.now();
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", MAIN, ...args, "--backend", backend],
    cwd: folder,
  }).output();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${seconds} s: ${args.join(" ")}`);
  console.log(new TextDecoder().decode(stdout).trim(), "\n");
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

for (const side of [32, 64]) {
  if (only !== undefined && Number(only) !== side) continue;
  const folder = await Deno.makeTempDir({ prefix: `retort-shapes-${side}-` });
  const counts = { side, train: Number(train), test: Number(test) };
  await (side === 32
    ? writeCifarShapes(`${folder}/shapes`, counts)
    : writeShapeFolder(`${folder}/shapes`, counts));
  const data = ["--data", "shapes"];
  const taught = [...data, "--teacher", "teacher"];
  await run(folder, "data", "shapes", "--sheet", "sheet.png");
  await run(
    folder,
    ...["train", ...data, "--model", "lenet-5", "--epochs", "12"],
    ...["--batch", "32", "--out", "teacher"],
  );
  await run(
    folder,
    "sweep",
    ...taught,
    "--hidden",
    "4,8,16,32",
    "--seeds",
    "1",
  );
  await run(
    folder,
    ...["compact", ...taught, "--layers", LAYERS[side], "--copies", "4"],
    ...["--epochs", "25", "--quantised-epochs", "15", "--batch", "64"],
    ...["--averaging", "0.99", "--bits", "4", "--out", "compact.dram"],
  );
  await run(folder, "evaluate", "compact.dram", ...data);
  await run(
    folder,
    ...["export", "compact.dram", ...data, "--to", "all", "--out", "exported"],
  );
  await run(
    folder,
    ...["compress", "teacher", ...taught, "--copies", "2", "--rounds", "2"],
    ...["--epochs", "2", "--form-epochs", "1", "--out", "compressed.dram"],
  );
  await Deno.remove(folder, { recursive: true });
}
