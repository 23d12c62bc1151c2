import type * as tf from "../../tf.ts";
import {
  checkInputShape,
  readInput,
  readIntegers,
} from "../kernel_arguments.ts";
import type { ImagesShape, PoolSize } from "../ops/max_pool_scatter.ts";
import { channelCode } from "./channel_code.ts";
import { windowPlaces } from "./pool_windows.ts";
import {
  asWebGpuBackend,
  type FusedProgram,
  lanesOf,
  runProgram,
} from "./run_program.ts";

/** dz of `shape`: g at each window's winner, 0 elsewhere. */
export function maxPoolScatterProgram(
  [n, height, width, channels]: ImagesShape,
  size: PoolSize,
): FusedProgram {
  const lanes = lanesOf(channels);
  const [float, int] = lanes === 4
    ? ["vec4<f32>", "vec4<i32>"]
    : ["f32", "i32"];
  const entries = channels / lanes;
  const outHeight = Math.floor(height / size[0]);
  const outWidth = Math.floor(width / size[1]);
  const whole = height % size[0] === 0 && width % size[1] === 0;
  const channel = channelCode(channels, lanes);
  const places = windowPlaces(size).map(({ row, column, place }) => `
  ${
    whole
      ? ""
      : `if (row + ${row} < uniforms.rows && x + ${column} * uniforms.pixelEntries < uniforms.rowEntries) `
  }{
    dz[corner + ${row} * uniforms.rowEntries + ${column} * uniforms.pixelEntries] =
      select(${float}(0.0), value, place == ${int}(${place}));
  }`);
  return {
    key: `maxPoolScatter ${lanes} ${size} ${whole} ${channel.key}`,
    inputs: [{ name: "g", lanes }, { name: "winner", lanes }],
    outputs: [{
      name: "dz",
      shape: [n, height, width, channels],
      dtype: "float32",
      lanes,
    }],
    uniforms: [
      { name: "pixelEntries", type: "i32", value: entries },
      { name: "rows", type: "i32", value: height },
      { name: "rowEntries", type: "i32", value: width * entries },
      { name: "windowRows", type: "i32", value: outHeight },
      { name: "windowRowEntries", type: "i32", value: outWidth * entries },
      ...channel.uniforms,
    ],
    // One for each window, also for those that the image's edge cuts off.
    invocations: [
      Math.ceil(width / size[1]) * entries,
      Math.ceil(height / size[0]),
      n,
    ],
    code: `${channel.code}
fn main() {
  let windowX = i32(globalId.x);
  let windowRow = i32(globalId.y);
  let image = i32(globalId.z);
  let channel = channelOf(windowX);
  let x = (windowX - channel) * ${size[1]} + channel;
  let row = windowRow * ${size[0]};
  if (x >= uniforms.rowEntries) { return; }
  var value = ${float}(0.0);
  var place = ${int}(0);
  ${
      whole
        ? ""
        : "if (windowX < uniforms.windowRowEntries && windowRow < uniforms.windowRows) "
    }{
    let i = (image * uniforms.windowRows + windowRow) * uniforms.windowRowEntries + windowX;
    value = g[i];
    place = winner[i];
  }
  let corner = (image * uniforms.rows + row) * uniforms.rowEntries + x;
  ${places.join("")}
}`,
  };
}

/** Kernel `RetortMaxPoolScatter`: see `maxPoolScatter` of core/kernels/ops. */
export const maxPoolScatter: tf.KernelFunc = ({ inputs, attrs, backend }) => {
  const g = readInput(inputs, "g");
  const winner = readInput(inputs, "winner", "int32");
  const [n, height, width, channels] = readIntegers(attrs, "inputShape", 4);
  const [rows, columns] = readIntegers(attrs, "size", 2);
  const windows = [
    n,
    Math.floor(height / rows),
    Math.floor(width / columns),
    channels,
  ];
  checkInputShape("g", g, windows);
  checkInputShape("winner", winner, windows);
  const program = maxPoolScatterProgram(
    [n, height, width, channels],
    [rows, columns],
  );
  return runProgram(asWebGpuBackend(backend), program, [g, winner])[0];
};
