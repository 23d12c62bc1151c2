import { type MaskArguments, optionalMaskArguments } from "../drop_out/op.ts";
import { dropoutCode } from "../webgpu/dropout_mask.ts";
import {
  implementOnWebGpu,
  lanesOf,
  type Program,
  runProgram,
} from "../webgpu/run_program.ts";
import { channelCode, reluCode } from "../webgpu/wgsl.ts";
import {
  biasReluMaxPoolKernel,
  type ImagesShape,
  maxPoolScatterKernel,
  type PoolSize,
} from "./op.ts";

/** Row, column and number of every place in a window, row by row. */
function windowPlaces(
  [rows, columns]: PoolSize,
): { row: number; column: number; place: number }[] {
  return Array.from({ length: rows * columns }, (_, place) => ({
    row: Math.floor(place / columns),
    column: place % columns,
    place,
  }));
}

/** y = relu(maxpool(z) + b) ⊙ m and each window's winner, for z of `shape`. */
function biasReluMaxPoolProgram(
  [n, height, width, channels]: ImagesShape,
  size: PoolSize,
  dropout: MaskArguments | undefined,
): Program {
  const lanes = lanesOf(channels);
  const [float, int, bits] = lanes === 4
    ? ["vec4<f32>", "vec4<i32>", "vec4<u32>"]
    : ["f32", "i32", "u32"];
  const outHeight = Math.floor(height / size[0]);
  const outWidth = Math.floor(width / size[1]);
  const shape = [n, outHeight, outWidth, channels];
  const entries = channels / lanes;
  const mask = dropoutCode(lanes, dropout);
  const channel = channelCode(channels, lanes);
  const places = windowPlaces(size).slice(1).map(({ row, column, place }) => `
  {
    let value = z[corner + ${row} * uniforms.rowEntries + ${column} * uniforms.pixelEntries];
    let larger = value > largest;
    largest = select(largest, value, larger);
    place = select(place, ${int}(${place}), larger);
    mostBits = max(mostBits, bitcast<${bits}>(value) & ${bits}(0x7fffffffu));
  }`);
  return {
    key: `biasReluMaxPool ${lanes} ${size} ${channel.key} ${mask.key}`,
    inputs: [{ name: "z", lanes }, { name: "bias", lanes }],
    outputs: [
      { name: "y", shape, dtype: "float32", lanes },
      { name: "winner", shape, dtype: "int32", lanes },
    ],
    uniforms: [
      { name: "pixelEntries", type: "i32", value: entries },
      { name: "rowEntries", type: "i32", value: width * entries },
      { name: "imageEntries", type: "i32", value: height * width * entries },
      { name: "outRowEntries", type: "i32", value: outWidth * entries },
      { name: "outRows", type: "i32", value: outHeight },
      ...channel.uniforms,
      ...mask.uniforms,
    ],
    // x runs over a row of windows' channels, y over rows, z over images.
    invocations: [outWidth * entries, outHeight, n],
    code: `${reluCode(lanes)}
${channel.code}
${mask.code}
fn main() {
  let x = i32(globalId.x);
  if (x >= uniforms.outRowEntries) { return; }
  let row = i32(globalId.y);
  let image = i32(globalId.z);
  let channel = channelOf(x);
  let corner = image * uniforms.imageEntries + row * ${
      size[0]
    } * uniforms.rowEntries
    + (x - channel) * ${size[1]} + channel;
  var largest : ${float} = z[corner];
  var place = ${int}(0);
  // Of all numbers' bits but the sign, NaN's are the largest. Compilers may
  // take it that no float is NaN, but not that no bits are.
  var mostBits = ${bits}(0u);
  ${places.join("")}
  largest = select(largest, ${float}(uniforms.NAN), mostBits > ${bits}(0x7f800000u));
  let i = (image * uniforms.outRows + row) * uniforms.outRowEntries + x;
  y[i] = relu(largest + bias[channel]) * maskAt(i);
  winner[i] = place;
}`,
  };
}

/**
 * Kernel `RetortBiasReluMaxPool`: see `biasReluMaxPool` of `op.ts`.
 */
export const biasReluMaxPool = implementOnWebGpu(
  biasReluMaxPoolKernel,
  (webgpu, { z, bias }, { size, dropout }) => {
    const [n, height, width, channels] = z.shape;
    const program = biasReluMaxPoolProgram(
      [n, height, width, channels],
      size,
      optionalMaskArguments(dropout),
    );
    return runProgram(webgpu, program, [z, bias]);
  },
);

/** dz of `shape`: g at each window's winner, 0 elsewhere. */
function maxPoolScatterProgram(
  [n, height, width, channels]: ImagesShape,
  size: PoolSize,
): Program {
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

/** Kernel `RetortMaxPoolScatter`: see `maxPoolScatter` of `op.ts`. */
export const maxPoolScatter = implementOnWebGpu(
  maxPoolScatterKernel,
  (webgpu, { g, winner }, { inputShape, size }) =>
    runProgram(webgpu, maxPoolScatterProgram(inputShape, size), [g, winner]),
);
