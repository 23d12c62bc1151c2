/**
 * Models as stock tfjs makes and saves them: each is loaded as a row of our layers that
 * gives what stock tfjs gives, or refused in words.
 *
 * @module
 */
import * as tf from "../../../../core/tf.ts";
import {
  apply,
  assertAlike,
  assertRefused,
  CLASSES,
  conv,
  end,
  flat,
  graph,
  IMAGE,
  logits,
  normal,
  row,
  through,
} from "./stock_model.ts";

const { layers } = tf;

const ACTIVATIONS = [
  ...["relu", "linear", "relu6", "elu", "sigmoid", "tanh", "swish"] as const,
];

/** What is loaded, and answers as in stock tfjs. */
const LOADED: Record<string, () => tf.LayersModel> = {
  "a softmax as the last layer's activation": () =>
    row(IMAGE, conv(), ...end()),
  "a softmax as a layer": () =>
    row(IMAGE, conv(), flat(), logits(), layers.softmax({ axis: -1 })),
  "a softmax as an activation of its own": () =>
    row(
      IMAGE,
      conv(),
      flat(),
      logits(),
      layers.activation({ activation: "softmax" }),
    ),
  "a sigmoid at the end, of each class": () =>
    row(IMAGE, conv(), flat(), logits({ activation: "sigmoid" })),
  "a sigmoid at the end, as a layer behind dropout and a reshape": () =>
    row(
      IMAGE,
      conv(),
      flat(),
      logits(),
      layers.dropout({ rate: 0.5 }),
      layers.activation({ activation: "sigmoid" }),
      layers.reshape({ targetShape: [CLASSES] }),
    ),
  "a sigmoid at the end, and the most of each class's places behind it": () =>
    row(
      IMAGE,
      conv({ filters: CLASSES, activation: "sigmoid" }),
      layers.globalMaxPooling2d({}),
    ),
  "one sigmoid at the end, of two classes": () =>
    row(IMAGE, conv(), flat(), logits({ units: 1, activation: "sigmoid" })),
  "one sigmoid at the end, behind a mean": () =>
    row(
      IMAGE,
      conv({ filters: 1 }),
      layers.globalAveragePooling2d({}),
      layers.activation({ activation: "sigmoid" }),
    ),
  "one sigmoid at the end, of a row without a name of its own": () =>
    row(
      IMAGE,
      conv(),
      flat(),
      logits({ name: "classes" }),
      layers.dense({ units: 1, activation: "relu" }),
      layers.activation({ activation: "sigmoid" }),
    ),
  "a sigmoid before the softmax": () =>
    row(
      IMAGE,
      conv(),
      flat(),
      logits({ activation: "sigmoid" }),
      layers.softmax(),
    ),
  "no softmax": () =>
    row(IMAGE, conv({ activation: "relu" }), flat(), logits()),
  "no bias anywhere": () =>
    row(
      IMAGE,
      conv({ useBias: false, activation: "relu" }),
      layers.depthwiseConv2d({ kernelSize: 2, useBias: false }),
      layers.separableConv2d({ filters: 3, kernelSize: 2, useBias: false }),
      flat(),
      logits({ useBias: false, activation: "softmax" }),
    ),
  ...Object.fromEntries(ACTIVATIONS.flatMap((activation) =>
    [
      [`${activation} within layers`, () =>
        row(
          IMAGE,
          conv({ activation }),
          flat(),
          layers.dense({ units: 5, activation }),
          logits(),
        )],
      [`${activation} as a layer`, () =>
        row(
          IMAGE,
          conv(),
          layers.activation({ activation }),
          flat(),
          layers.dense({ units: 5 }),
          layers.activation({ activation }),
          logits(),
        )],
      [`${activation} behind a pool, a mean and a sum`, () =>
        graph((x) => {
          const a = through(
            x,
            conv({ padding: "same" }),
            layers.maxPooling2d({ poolSize: 2 }),
            layers.activation({ activation }),
            layers.averagePooling2d({ poolSize: 2 }),
            layers.activation({ activation }),
          );
          const sum = apply(layers.add(), [
            a,
            apply(conv({ padding: "same" }), a),
          ]);
          return through(sum, layers.activation({ activation }), ...end());
        })],
      [`${activation} of the pixels`, () =>
        row(IMAGE, layers.activation({ activation }), conv(), ...end())],
      [`${activation} behind dropout`, () =>
        row(
          IMAGE,
          conv(),
          layers.dropout({ rate: 0.5 }),
          layers.activation({ activation }),
          ...end(),
        )],
      [`${activation} behind normalisation`, () =>
        row(
          IMAGE,
          conv(),
          normal(),
          layers.activation({ activation }),
          ...end(),
        )],
    ] as const
  )),
  "ReLU layers, to 6 too": () =>
    row(
      IMAGE,
      conv(),
      layers.reLU(),
      conv(),
      layers.reLU({ maxValue: 6 }),
      ...end(),
    ),
  "leaky relus of any slope": () =>
    row(
      IMAGE,
      conv(),
      layers.leakyReLU(),
      conv(),
      layers.leakyReLU({ alpha: 0.05 }),
      ...end(),
    ),
  "ELU layers": () => row(IMAGE, conv(), layers.elu(), ...end()),
  "relus one after another": () =>
    row(
      IMAGE,
      conv({ activation: "relu" }),
      layers.reLU(),
      conv({ activation: "relu" }),
      layers.reLU({ maxValue: 6 }),
      layers.reLU(),
      conv({ activation: "relu" }),
      layers.activation({ activation: "tanh" }),
      ...end(),
    ),
  "normalisation behind sums": () =>
    row(
      IMAGE,
      conv({ useBias: false }),
      normal(),
      layers.reLU(),
      layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 }),
      normal({ scale: false }),
      flat(),
      layers.dense({ units: 6 }),
      normal({ center: false }),
      layers.reLU(),
      logits({ activation: "softmax" }),
    ),
  "normalisation behind relus": () =>
    row(
      IMAGE,
      conv({ activation: "relu", padding: "same" }),
      normal(),
      conv({ activation: "relu" }),
      normal(),
      layers.depthwiseConv2d({
        kernelSize: 2,
        depthMultiplier: 2,
        activation: "relu",
      }),
      normal(),
      flat(),
      layers.dense({ units: 6, activation: "relu" }),
      normal(),
      logits({ activation: "softmax" }),
    ),
  "normalisation before zeros": () =>
    row(
      IMAGE,
      conv({ activation: "relu" }),
      normal(),
      conv({ activation: "relu", padding: "same" }),
      normal(),
      layers.zeroPadding2d({ padding: 1 }),
      conv(),
      ...end(),
    ),
  "normalisation of the pixels": () => row(IMAGE, normal(), conv(), ...end()),
  "normalisation behind pools, means and rows": () =>
    row(
      IMAGE,
      conv({ activation: "relu", padding: "same" }),
      layers.maxPooling2d({ poolSize: 2 }),
      normal(),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.averagePooling2d({ poolSize: 2, padding: "same" }),
      normal(),
      layers.dropout({ rate: 0.5 }),
      flat(),
      normal(),
      logits({ activation: "softmax" }),
    ),
  "normalisation twice, and of a global mean": () =>
    row(
      IMAGE,
      conv({ activation: "relu" }),
      normal(),
      normal(),
      layers.globalAveragePooling2d({}),
      normal(),
      layers.activation({ activation: "tanh" }),
      logits({ activation: "softmax" }),
    ),
  "normalised logits": () =>
    row(IMAGE, conv(), flat(), logits(), normal(), layers.softmax()),
  "normalised relus before the softmax": () =>
    row(
      IMAGE,
      conv(),
      flat(),
      logits({ activation: "relu" }),
      normal(),
      layers.softmax(),
    ),
  "normalisation within and before a residual sum": () =>
    graph((x) => {
      const a = through(
        x,
        conv({ padding: "same", activation: "relu" }),
        normal(),
      );
      const b = through(
        a,
        conv({ padding: "same", useBias: false }),
        normal(),
        layers.reLU(),
        conv({ padding: "same", useBias: false }),
        normal(),
      );
      return through(apply(layers.add(), [b, a]), layers.reLU(), ...end());
    }),
  "a separable convolution": () =>
    row(
      IMAGE,
      layers.separableConv2d({
        filters: 5,
        kernelSize: [3, 2],
        depthMultiplier: 2,
        activation: "relu",
        padding: "same",
      }),
      layers.separableConv2d({ filters: 4, kernelSize: 2, dilationRate: 2 }),
      ...end(),
    ),
  "several channels of each": () =>
    row(
      IMAGE,
      layers.depthwiseConv2d({
        kernelSize: [2, 3],
        depthMultiplier: 3,
        strides: 2,
      }),
      ...end(),
    ),
  "oblong windows and strides": () =>
    row(
      IMAGE,
      conv({ kernelSize: [3, 2], strides: [1, 2], activation: "relu" }),
      conv({ kernelSize: [1, 3], strides: [2, 1], padding: "same" }),
      ...end(),
    ),
  "dilated windows": () =>
    row(
      IMAGE,
      conv({ dilationRate: 2, activation: "relu" }),
      conv({ dilationRate: [1, 3], padding: "same" }),
      ...end(),
    ),
  "pools that overlap, leave gaps, or are padded": () =>
    row(
      IMAGE,
      layers.maxPooling2d({ poolSize: 3, strides: 1 }),
      layers.averagePooling2d({
        poolSize: [2, 3],
        strides: 1,
        padding: "same",
      }),
      conv({ kernelSize: 2 }),
      layers.maxPooling2d({ poolSize: 3, strides: 2, padding: "same" }),
      layers.averagePooling2d({ poolSize: 1, strides: 2 }),
      ...end(),
    ),
  "zeros around images": () =>
    row(
      IMAGE,
      layers.zeroPadding2d({ padding: [[1, 2], [0, 3]] }),
      conv({ strides: 2, activation: "relu" }),
      layers.zeroPadding2d({ padding: [1, 2] }),
      layers.maxPooling2d({ poolSize: 3, strides: 2 }),
      layers.zeroPadding2d({ padding: 1 }),
      layers.zeroPadding2d({ padding: 1 }),
      conv({ padding: "same", strides: 3 }),
      ...end(),
    ),
  "zeros before an activation": () =>
    row(
      IMAGE,
      conv(),
      layers.zeroPadding2d({ padding: 1 }),
      layers.reLU(),
      layers.depthwiseConv2d({ kernelSize: 3 }),
      ...end(),
    ),
  "a global maximum": () =>
    row(
      IMAGE,
      conv(),
      layers.globalMaxPooling2d({}),
      logits({ activation: "softmax" }),
    ),
  "a global maximum of what is scaled down and up": () =>
    row(
      IMAGE,
      conv({ activation: "relu" }),
      normal(),
      layers.globalMaxPooling2d({}),
      logits({ activation: "softmax" }),
    ),
  "classes that are means": () =>
    row(
      IMAGE,
      conv({ filters: CLASSES }),
      layers.globalAveragePooling2d({}),
      layers.softmax(),
    ),
  "dense layers on images": () =>
    row(
      IMAGE,
      conv(),
      layers.dense({ units: 5, activation: "relu" }),
      layers.dense({ units: CLASSES }),
      layers.globalAveragePooling2d({}),
      layers.softmax(),
    ),
  "rows of pixels": () =>
    row(
      [81],
      layers.dense({ units: 5, activation: "relu" }),
      ...end().slice(1),
    ),
  "rows of colours": () =>
    row(
      [3 * 81],
      layers.dense({ units: 5, activation: "relu" }),
      ...end().slice(1),
    ),
  "rows that are no square": () =>
    row([10], layers.dense({ units: 5, activation: "relu" }), logits()),
  "rows that become images": () =>
    row([144], layers.reshape({ targetShape: [9, 8, 2] }), conv(), ...end()),
  "an image of one place at the end": () =>
    row(
      IMAGE,
      conv({ kernelSize: [9, 8], activation: "relu" }),
      conv({ filters: CLASSES, kernelSize: 1 }),
      flat(),
      layers.softmax(),
    ),
  "models within models": () => {
    const inner = row(IMAGE, conv({ activation: "relu" }), normal());
    const graphed = graph((x) => apply(conv({ activation: "relu" }), x), [
      7,
      6,
      4,
    ]);
    const model = tf.sequential();
    for (const each of [inner, graphed, ...end()]) model.add(each);
    return model;
  },
  "a graph": () =>
    graph((x) => through(x, conv({ activation: "relu" }), ...end())),
  "sums within sums": () =>
    graph((x) => {
      const a = through(x, conv({ padding: "same", activation: "relu" }));
      const b = through(a, conv({ padding: "same" }));
      const c = through(
        b,
        layers.depthwiseConv2d({ kernelSize: 3, padding: "same" }),
      );
      const inner = through(apply(layers.add(), [b, c]), layers.reLU());
      const last = through(inner, conv({ padding: "same" }));
      return through(apply(layers.add(), [a, last]), ...end());
    }),
  "noise and dropouts of every kind": () =>
    row(
      IMAGE,
      layers.gaussianNoise({ stddev: 0.5 }),
      conv(),
      layers.gaussianDropout({ rate: 0.5 }),
      layers.alphaDropout({ rate: 0.5 }),
      ...end(),
    ),
};

for (const [what, make] of Object.entries(LOADED)) {
  Deno.test(`loadModel reads ${what}, and it answers as in stock tfjs`, () =>
    assertAlike(what, make));
}

const deep = { poolSize: 2 };

/** What no row of our layers does: the layers' names are told. */
const REFUSED: Record<string, [() => tf.LayersModel, string]> = {
  "two ways that meet": [
    () =>
      graph((x) => {
        const both = [apply(conv(), x), apply(conv(), x)];
        return through(apply(layers.add(), both), ...end());
      }),
    "read by one layer",
  ],
  "a product": [
    () =>
      graph((x) => {
        const a = apply(conv({ padding: "same" }), x);
        return through(
          apply(layers.multiply(), [a, apply(conv({ padding: "same" }), a)]),
          ...end(),
        );
      }),
    "must be read by one layer, or by one and a sum of two",
  ],
  "a transposed convolution": [
    () =>
      row(
        IMAGE,
        layers.conv2dTranspose({ filters: 2, kernelSize: 3 }),
        ...end(),
      ),
    "found Conv2DTranspose",
  ],
  "cropping": [
    () =>
      row(IMAGE, layers.cropping2D({ cropping: [[1, 1], [1, 1]] }), ...end()),
    "found Cropping2D",
  ],
  "upsampling": [
    () => row(IMAGE, layers.upSampling2d({}), ...end()),
    "found UpSampling2D",
  ],
  "a PReLU": [
    () => row(IMAGE, conv(), layers.prelu({}), ...end()),
    "found PReLU",
  ],
  "layer normalisation": [
    () => row(IMAGE, conv(), layers.layerNormalization({}), ...end()),
    "found LayerNormalization",
  ],
  "normalisation of rows of an image": [
    () => row(IMAGE, conv(), normal({ axis: 1 }), ...end()),
    "must go by the last axis: it goes by axis 1",
  ],
  "a relu that ends elsewhere": [
    () => row(IMAGE, conv(), layers.reLU({ maxValue: 1 }), ...end()),
    "a relu must end at 6 or nowhere: found 1",
  ],
  "a hard sigmoid": [
    () => row(IMAGE, conv({ activation: "hardSigmoid" }), ...end()),
    "an activation must be relu or linear",
  ],
  "zeros that a mean would count": [
    () =>
      row(
        IMAGE,
        conv({ activation: "relu" }),
        layers.zeroPadding2d({}),
        layers.averagePooling2d(deep),
        ...end(),
      ),
    "must be followed by a convolution or a maximum",
  ],
  "zeros that are the largest": [
    () =>
      row(
        IMAGE,
        conv(),
        layers.zeroPadding2d({}),
        layers.maxPooling2d(deep),
        ...end(),
      ),
    "must be followed by a convolution or a maximum",
  ],
  "images turned about": [
    () => row(IMAGE, layers.permute({ dims: [2, 1, 3] }), conv(), ...end()),
    "found Permute",
  ],
  "images of another shape": [
    () =>
      row(IMAGE, conv(), layers.reshape({ targetShape: [6, 7, 4] }), ...end()),
    "make a row of an image",
  ],
  "a layer behind the softmax": [
    () => row(IMAGE, conv(), flat(), logits(), layers.softmax(), logits()),
    "stand before the softmax",
  ],
  "one number that is no sigmoid": [
    () => row(IMAGE, flat(), layers.dense({ units: 1 })),
    "or one of two classes with a sigmoid",
  ],
};

for (const [what, [make, message]] of Object.entries(REFUSED)) {
  Deno.test(`loadModel refuses ${what}, in words`, () =>
    assertRefused(make, message));
}
