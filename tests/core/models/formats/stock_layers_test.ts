/**
 * Every layer that stock tfjs can save, by `tf.layers` itself: each is loaded to stock
 * tfjs's answers, or refused with its name and the way out.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "../../../../core/tf.ts";
import {
  apply,
  assertAlike,
  assertRefused,
  conv,
  end,
  graph,
  IMAGE,
  logits,
  row,
} from "./stock_model.ts";

const { layers } = tf;

/** `layer` on an image, behind a convolution. */
const behind = (layer: () => tf.layers.Layer) => () =>
  row(IMAGE, conv(), layer(), ...end());

/** What joins `conv` of the image to what it reads. */
const joined = (layer: () => tf.layers.Layer) => () =>
  graph((x) => {
    const a = apply(conv(), x);
    const both = apply(layer(), [a, apply(conv({ padding: "same" }), a)]);
    return end().reduce((y, each) => apply(each, y), both);
  });

const mean = () => behind(() => layers.averagePooling2d({ poolSize: 2 }));
const most = () => behind(() => layers.maxPooling2d({ poolSize: 2 }));
const globalMost = () =>
  row(IMAGE, conv(), layers.globalMaxPooling2d({}), logits());

const LOADED: Record<string, () => tf.LayersModel> = {
  activation: behind(() => layers.activation({ activation: "tanh" })),
  add: joined(() => layers.add()),
  alphaDropout: behind(() => layers.alphaDropout({ rate: 0.5 })),
  averagePooling2d: mean(),
  avgPool2d: mean(),
  avgPooling2d: mean(),
  batchNormalization: behind(() => layers.batchNormalization()),
  conv2d: behind(conv),
  dense: behind(() => layers.dense({ units: 3 })),
  depthwiseConv2d: behind(() => layers.depthwiseConv2d({ kernelSize: 2 })),
  dropout: behind(() => layers.dropout({ rate: 0.5 })),
  elu: behind(() => layers.elu()),
  flatten: () => row(IMAGE, layers.flatten(), logits()),
  gaussianDropout: behind(() => layers.gaussianDropout({ rate: 0.5 })),
  gaussianNoise: behind(() => layers.gaussianNoise({ stddev: 1 })),
  globalAveragePooling2d: () =>
    row(IMAGE, conv(), layers.globalAveragePooling2d({}), logits()),
  globalMaxPool2d: globalMost,
  globalMaxPooling2d: globalMost,
  inputLayer: () => row(IMAGE, ...end()),
  leakyReLU: behind(() => layers.leakyReLU({ alpha: 0.1 })),
  maxPool2d: most(),
  maxPooling2d: most(),
  reLU: behind(() => layers.reLU()),
  rescaling: () =>
    row(IMAGE, layers.rescaling({ scale: 0.5, offset: -0.25 }), ...end()),
  reshape: () =>
    row([144], layers.reshape({ targetShape: [9, 8, 2] }), conv(), ...end()),
  separableConv2d: behind(() =>
    layers.separableConv2d({ filters: 3, kernelSize: 2 })
  ),
  softmax: () => row(IMAGE, layers.flatten(), logits(), layers.softmax()),
  zeroPadding2d: () =>
    row(IMAGE, layers.zeroPadding2d({ padding: 1 }), conv(), ...end()),
};

/** `layer` on a row of vectors, which is read as an image without channels. */
const vectors = (layer: () => tf.layers.Layer) => () =>
  row([9, 8], layer(), layers.flatten(), logits());
const vector = (layer: () => tf.layers.Layer) => () =>
  row([9, 8], layer(), logits());

const REFUSED: Record<string, [() => tf.LayersModel, string]> = {
  average: [joined(() => layers.average()), "average_Average"],
  averagePooling1d: [
    vectors(() => layers.averagePooling1d({ poolSize: 2 })),
    "found AveragePooling1D",
  ],
  averagePooling3d: [
    () =>
      row(
        [4, 4, 4, 1],
        layers.averagePooling3d({ poolSize: 2 }),
        layers.flatten(),
        logits(),
      ),
    "found AveragePooling3D",
  ],
  bidirectional: [
    vector(() =>
      layers.bidirectional({
        layer: layers.lstm({ units: 2 }),
        mergeMode: "concat",
      })
    ),
    "found Bidirectional",
  ],
  categoryEncoding: [
    () =>
      row(
        [1],
        layers.categoryEncoding({ numTokens: 5, outputMode: "multiHot" }),
        logits(),
      ),
    "found CategoryEncoding",
  ],
  centerCrop: [
    behind(() => layers.centerCrop({ height: 3, width: 3 })),
    "found CenterCrop",
  ],
  concatenate: [joined(() => layers.concatenate()), "concatenate_Concatenate"],
  conv1d: [
    vectors(() => layers.conv1d({ filters: 2, kernelSize: 3 })),
    "found Conv1D",
  ],
  conv2dTranspose: [
    behind(() => layers.conv2dTranspose({ filters: 2, kernelSize: 3 })),
    "found Conv2DTranspose",
  ],
  conv3d: [
    () =>
      row(
        [4, 4, 4, 1],
        layers.conv3d({ filters: 2, kernelSize: 3 }),
        layers.flatten(),
        logits(),
      ),
    "found Conv3D",
  ],
  conv3dTranspose: [
    () =>
      row(
        [4, 4, 4, 1],
        layers.conv3dTranspose({ filters: 2, kernelSize: 3 }),
        layers.flatten(),
        logits(),
      ),
    "found Conv3DTranspose",
  ],
  convLstm2d: [
    () =>
      row(
        [3, 6, 6, 1],
        layers.convLstm2d({ filters: 2, kernelSize: 3 }) as tf.layers.Layer,
        layers.flatten(),
        logits(),
      ),
    "found ConvLSTM2D",
  ],
  cropping2D: [
    behind(() => layers.cropping2D({ cropping: [[1, 1], [1, 1]] })),
    "found Cropping2D",
  ],
  dot: [
    () =>
      graph((x) => {
        const a = apply(layers.flatten(), x);
        const b = apply(layers.dense({ units: 144 }), a);
        return apply(logits(), apply(layers.dot({ axes: 1 }), [a, b]));
      }),
    "dot_Dot",
  ],
  embedding: [
    () =>
      row(
        [9],
        layers.embedding({ inputDim: 4, outputDim: 2 }),
        layers.flatten(),
        logits(),
      ),
    "found Embedding",
  ],
  globalAveragePooling1d: [
    vector(() => layers.globalAveragePooling1d()),
    "found GlobalAveragePooling1D",
  ],
  globalMaxPooling1d: [
    vector(() => layers.globalMaxPooling1d()),
    "found GlobalMaxPooling1D",
  ],
  gru: [vector(() => layers.gru({ units: 2 })), "found GRU"],
  layerNormalization: [
    behind(() => layers.layerNormalization()),
    "found LayerNormalization",
  ],
  lstm: [vector(() => layers.lstm({ units: 2 })), "found LSTM"],
  masking: [vectors(() => layers.masking({ maskValue: 0 })), "found Masking"],
  maxPooling1d: [
    vectors(() => layers.maxPooling1d({ poolSize: 2 })),
    "found MaxPooling1D",
  ],
  maxPooling3d: [
    () =>
      row(
        [4, 4, 4, 1],
        layers.maxPooling3d({ poolSize: 2 }),
        layers.flatten(),
        logits(),
      ),
    "found MaxPooling3D",
  ],
  maximum: [joined(() => layers.maximum()), "maximum_Maximum"],
  minimum: [joined(() => layers.minimum()), "minimum_Minimum"],
  multiply: [joined(() => layers.multiply()), "multiply_Multiply"],
  permute: [behind(() => layers.permute({ dims: [2, 1, 3] })), "found Permute"],
  prelu: [behind(() => layers.prelu()), "found PReLU"],
  repeatVector: [
    () =>
      row(
        IMAGE,
        layers.flatten(),
        layers.repeatVector({ n: 2 }),
        layers.flatten(),
        logits(),
      ),
    "found RepeatVector",
  ],
  resizing: [
    behind(() => layers.resizing({ height: 3, width: 3 })),
    "found Resizing",
  ],
  rnn: [
    vector(() =>
      layers.rnn({
        cell: layers.simpleRNNCell({ units: 2 }),
      }) as tf.layers.Layer
    ),
    "found RNN",
  ],
  simpleRNN: [vector(() => layers.simpleRNN({ units: 2 })), "found SimpleRNN"],
  spatialDropout1d: [
    vectors(() => layers.spatialDropout1d({ rate: 0.5 })),
    "found SpatialDropout1D",
  ],
  thresholdedReLU: [
    behind(() => layers.thresholdedReLU({ theta: 1 })),
    "found ThresholdedReLU",
  ],
  timeDistributed: [
    vectors(() =>
      layers.timeDistributed({ layer: layers.dense({ units: 2 }) })
    ),
    "found TimeDistributed",
  ],
  upSampling2d: [behind(() => layers.upSampling2d({})), "found UpSampling2D"],
};

/** Other names of the same. */
const ALIASES: Record<string, string> = {
  avgPool1d: "averagePooling1d",
  avgPooling1d: "averagePooling1d",
  avgPool3d: "averagePooling3d",
  avgPooling3d: "averagePooling3d",
  globalMaxPool1d: "globalMaxPooling1d",
  maxPool1d: "maxPooling1d",
};

/** No layers of a model, but classes, an input, and what `rnn` is made of. */
const NONE = [
  ...["Layer", "RNN", "RNNCell", "input", "convLstm2dCell", "gruCell"],
  ...["lstmCell", "simpleRNNCell", "stackedRNNCells"],
];

Deno.test("each of tf.layers has a row", () => {
  const rows = [LOADED, REFUSED, ALIASES].flatMap(Object.keys);
  // Stock tfjs makes no model with it.
  rows.push("randomWidth", ...NONE);
  assertEquals(Object.keys(layers).sort(), rows.sort());
});

Deno.test("stock tfjs makes no model with a random width", async () => {
  await tf.setBackend("cpu");
  const random = () => layers.randomWidth({ factor: 0.2 });
  assertThrows(behind(random), Error, "Negative dimension size");
});

for (const [name, make] of Object.entries(LOADED)) {
  Deno.test(`tf.layers.${name} answers as in stock tfjs`, () =>
    assertAlike(name, make));
}

for (const [name, [make, message]] of Object.entries(REFUSED)) {
  Deno.test(`tf.layers.${name} is refused in words`, () =>
    assertRefused(make, message));
}

/** Activations of tfjs beside those in `stock_models_test.ts`. */
const ACTIVATIONS = [
  ...["hardSigmoid", "selu", "softplus", "softsign", "mish", "gelu"] as const,
  ...["gelu_new", "logSoftmax"] as const,
];

for (const activation of ACTIVATIONS) {
  Deno.test(`an activation of ${activation} is refused in words`, () =>
    assertRefused(
      () => row(IMAGE, conv({ activation }), ...end()),
      activation === "logSoftmax"
        ? "must stand before the softmax, which comes last"
        : "an activation must be relu or linear",
    ));
}

Deno.test("log-probabilities at the end are read", () =>
  assertAlike(
    "log-probabilities",
    () => row(IMAGE, layers.flatten(), logits({ activation: "logSoftmax" })),
  ));
