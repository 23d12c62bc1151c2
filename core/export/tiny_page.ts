import { readsHandwriting } from "../data/drawing/see_picture.ts";
import type { EncodedModel, EncodedTensor } from "../infer/encoded_tensor.ts";
import { LEAK } from "../models/layers/activation.ts";
import type { ActivationFields } from "../models/layers/layer.ts";
import { poolWindows } from "../models/layers/pools.ts";
import { type AxisWindows, windowSpans } from "../models/layers/window_span.ts";
import { type ExportedLayer, listExportedLayers } from "./exported_layers.ts";
import type { Exported } from "./exporter.ts";
import { scriptJson } from "./js.ts";
import { type Level, writeLevels } from "./tiny_levels.ts";

/** What one QR code holds in byte mode: version 40, level L (ISO/IEC 18004, table 7). */
export const QR_BYTES = 2953;

/** Rows and columns of an image, and of the grid on which all layers are computed. */
const SIDE = 28;

/** Throws what this page can't say, and which page can. */
function refuse(rule: string, value: string): never {
  throw new RangeError(
    `Cannot write a tiny page: ${rule}: ${value}; write the page without --tiny`,
  );
}

/** A layer of the page's list: what its loop is told, as text in the script. */
interface Row {
  /** Rows and columns of a window. */
  size: number;
  /** Places on the grid between those that it reads. */
  spacing: number;
  /** Outputs; 0 of a pool. */
  outputs: number;
  /** Factor of a weight's level; of a pool what it begins with. */
  weightScale: string;
  /** Factor of a bias' level; of a mean the factor of what is added up, 0 of a maximum. */
  biasScale: string;
  /** What is kept of numbers below 0. */
  slope: number;
  /** Places on the grid between those of which the largest of 2×2 is taken; 0 of one alone. */
  pooled: number;
  /** Outputs of each input, where it reads no other; 0 where it reads all. */
  each: number;
}

/** What a page is told of a model. */
interface Plan {
  rows: Row[];
  /** Levels in the order in which {@linkcode Row}s read them. */
  levels: Level[];
}

/** Size and stride of windows that this page can say. */
function squareWindows(
  [rows, columns]: readonly AxisWindows[],
  [height, width]: readonly number[],
  name: string,
): { size: number; stride: number } {
  const { size, stride, dilation, before, count } = rows;
  const even = height === width && size === columns.size &&
    stride === columns.stride && dilation === 1 && columns.dilation === 1;
  // Zeros behind the image are no part of a window where these keep within it.
  const within = before === 0 && columns.before === 0 &&
    (count - 1) * stride + size <= height &&
    (columns.count - 1) * stride + size <= width;
  if (!even || !within) {
    refuse(
      "windows must be square, without gaps and without zeros around the image",
      `${name} has others`,
    );
  }
  return { size, stride };
}

/** What is kept of numbers below 0. */
function slopeOf(
  { activation, slope = LEAK }: ActivationFields,
  name: string,
): number {
  if (activation === "linear") return 1;
  if (activation === "relu") return 0;
  if (activation === "leakyRelu") return slope;
  return refuse(
    "activations must be relu, leaky relu or none",
    `${name} has ${activation}`,
  );
}

/** `tensor` as levels of one scale. */
function levelsOf(
  tensor: EncodedTensor,
  name: string,
): { scale: number; levels: Int8Array } {
  if (tensor.kind !== "uniform" || tensor.scale.length > 1) {
    return refuse(
      "weights must be levels of one scale a tensor, as `compact` makes them",
      `${name} has ${
        tensor.kind === "uniform" ? "a scale a channel" : `a ${tensor.kind}`
      }`,
    );
  }
  return { scale: tensor.scale[0], levels: tensor.levels };
}

/** The shortest text of the number `of` / `over` in a script, to the last bit; `of` is a float16. */
function numberText(of: number, over = 1): string {
  let [numerator, denominator] = [of, over];
  for (; numerator % 1 !== 0; numerator *= 2) denominator *= 2;
  const divide = (a: number, b: number): number =>
    b === 0 ? a : divide(b, a % b);
  const common = divide(numerator, denominator);
  const decimal = `${of / over}`.replace(/^(-?)0\./, "$1.");
  const fraction = `${numerator / common}/${denominator / common}`;
  return fraction.length < decimal.length ? fraction : decimal;
}

/** What is added up for each output in turn: its bias, and input by input a window from its end. */
function listLevels(
  { kernel, bias }: { kernel: Int8Array; bias: Int8Array },
  { taps, inputs }: { taps: number; inputs: number },
): Level[] {
  const levels: Level[] = [];
  for (let output = 0; output < bias.length; output++) {
    levels.push({ kind: "bias", value: bias[output] });
    for (let input = 0; input < inputs; input++) {
      for (let tap = taps - 1; tap >= 0; tap--) {
        const at = (tap * inputs + input) * bias.length + output;
        levels.push({ kind: "weight", value: kernel[at] });
      }
    }
  }
  return levels;
}

/** Lays the layers of `model` on one grid. */
function planRows(model: EncodedModel): Plan {
  const plan: Plan = { rows: [], levels: [] };
  /** Places on the grid from one number of a channel to the next. */
  let spacing = 1;
  /** Extents of the image that a row of numbers was, since it was flattened. */
  let flattened: readonly number[] | null = null;
  const layers = listExportedLayers(model);

  /** Adds a layer with weights, of windows of `size` by `size`. */
  const addSums = (
    { layer: { name }, weights, output }: ExportedLayer,
    { size, inputs, slope, each = 0 }: {
      size: number;
      /** Inputs that one output reads. */
      inputs: number;
      slope: number;
      each?: number;
    },
  ): Row => {
    if (!weights) throw new TypeError(`${name} must have weights`);
    const kernel = levelsOf(weights.kernel, name);
    const bias = levelsOf(weights.bias, name);
    plan.levels.push(
      ...listLevels({ kernel: kernel.levels, bias: bias.levels }, {
        taps: size * size,
        inputs,
      }),
    );
    const row = {
      size,
      spacing,
      outputs: output[output.length - 1],
      // Bytes are read as they are: the first weights divide them by 255.
      weightScale: numberText(kernel.scale, plan.rows.length ? 1 : 255),
      biasScale: numberText(bias.scale),
      slope,
      pooled: 0,
      each,
    };
    plan.rows.push(row);
    return row;
  };
  const addPool = (size: number, stride: number, average: boolean) => {
    if (plan.rows.length === 0) {
      refuse("the first layer must have weights", "it is a pool");
    }
    const before = plan.rows[plan.rows.length - 1];
    if (
      !average && size === 2 && stride === 2 && before.outputs &&
      !before.pooled
    ) before.pooled = spacing;
    else {
      plan.rows.push({
        size,
        spacing,
        outputs: 0,
        weightScale: average ? "0" : "-1/0",
        biasScale: average ? `1/${size * size}` : "0",
        slope: 0,
        pooled: 0,
        each: 0,
      });
    }
    spacing *= stride;
  };

  for (const one of layers) {
    const { layer, input } = one;
    const { name } = layer;
    switch (layer.kind) {
      case "conv2d":
      case "depthwiseConv2d": {
        const windows = windowSpans(layer, input);
        const { size, stride } = squareWindows(windows, input, name);
        const depthwise = layer.kind === "depthwiseConv2d";
        addSums(one, {
          size,
          inputs: depthwise ? 1 : input[2],
          slope: slopeOf(layer, name),
          each: depthwise ? layer.multiplier ?? 1 : 0,
        });
        spacing *= stride;
        break;
      }
      case "dense": {
        // A row that was an image is read as one window on that.
        const [size, , inputs] = flattened ?? [1, 1, input[0]];
        addSums(one, { size, inputs, slope: slopeOf(layer, name) });
        flattened = null;
        break;
      }
      case "maxPool2d":
      case "averagePool2d": {
        const windows = windowSpans(poolWindows(layer), input);
        const { size, stride } = squareWindows(windows, input, name);
        addPool(size, stride, layer.kind === "averagePool2d");
        break;
      }
      case "globalMaxPool2d":
      case "globalAveragePool2d":
        addPool(input[0], 1, layer.kind === "globalAveragePool2d");
        break;
      case "residual":
        refuse("layers must stand in a row", `${name} adds two`);
        break;
      case "flatten":
        if (input.length === 3) flattened = input;
        break;
      case "dropout":
      case "softmax":
        break;
      default:
        layer satisfies never;
    }
  }
  if (flattened) {
    refuse(
      "what a flattened image is must be read by a dense layer",
      "none is there",
    );
  }
  return plan;
}

/** `text` without the lines that are comments, without indentation and line ends. */
function shorten(text: string): string {
  return text.replace(/^ *(\/\/.*)?\n/gm, "").replace(/\n *|^ +/g, "");
}

/** The least multiple of all `spacings` that has a place for each of the grid. */
function gridEnd(spacings: readonly number[]): number {
  let end = SIDE * SIDE;
  while (spacings.some((spacing) => end % spacing !== 0)) end++;
  return end;
}

/** What a row says behind its scales, the usual left out at its end. */
function rowText(
  { size, spacing, outputs, weightScale, biasScale, slope, pooled, each }: Row,
  has: { pooled: boolean; each: boolean },
): string {
  const numbers = [size, spacing, outputs, weightScale, biasScale, slope]
    .concat(has.pooled ? pooled : [], has.each ? each : []);
  while (numbers.at(-1) === 0) numbers.pop();
  return `[${numbers.join()}]`;
}

/**
 * Statements that make the logits of `x`, one channel of bytes: then channel c's is
 * `x[c]`. Every layer is computed on the grid of the image, 28×28: from a stride or a
 * pool on, numbers lie so many places apart, and what lies between is noise that no
 * window of theirs reads. So all rows of windows are one row of places.
 */
function classifierText(
  { rows }: Plan,
  next: Record<Level["kind"], string>,
): string {
  const has = {
    pooled: rows.some(({ pooled }) => pooled > 0),
    each: rows.some(({ each }) => each > 0),
    pools: rows.some(({ outputs }) => outputs === 0),
  };
  // The largest of y at four places; then max(v, p·v), the activation. Of two maxima
  // one is saved where p is 0 or 1: the largest of five then.
  const four = "y[j+m],y[j+m*28],y[j+m*29]";
  const keeps = rows.some(({ slope, pooled }) => pooled && slope % 1 !== 0);
  const largest = !has.pooled
    ? "v*p,v"
    : keeps
    ? `v=M(v,${four}),v*p`
    : `v*p,v,${four}`;
  const end = gridEnd(rows.map(({ spacing }) => spacing));
  return shorten(`
    // Of each layer: size k of windows, spacing e, outputs i, scales q and r, slope p,
    // spacing m of a maximum, outputs g of each input.
    for([k,e,i,q,r,p=0${has.pooled ? ",m=0" : ""}${has.each ? ",g=0" : ""}]of[${
    rows.map((row) => rowText(row, has)).join()
  }])${
    has.pools
      ? `if(!i)
    // A pool: v begins as −∞ or 0, and becomes the maximum, or the mean by factor r.
    x=x.map(c=>c.map((_,j)=>{
      for(v=q,t=28*k;t--;)if(t%28<k)u=c[j+e*t],v=r?v+u*r:M(v,u);
      return v
    }));
    else `
      : ""
  }
    // From B, channels, to x, outputs: y is one of them.
    for(B=x,x=[];i--;x.push(y.map((v,j)=>M(${largest})))){
      y=Array(784).fill(${next.bias}*r);
      for(c of ${has.each ? "g?[B[x.length/g|0]]:" : ""}B)
        // t is a place of the window on the grid: k of 28 in each row of it.
        for(t=28*k;t--;)if(t%28<k)
          for(v=${next.weight}*q,j=${end};j;)y[j-=e]+=v*c[j+e*t]
    }`);
}

/**
 * Statements before the classifier. The whole window is paper: strokes are kept as a
 * path P with its points' coordinates, so that they are drawn at any size. One canvas, a,
 * shows them, and, in its corner, before that, what the model reads.
 */
const CANVAS = `
  M=Math.max
  G=a.getContext("2d",{willReadFrequently:!0})
`;

/** Draws the path f times as large, moved by (u, v), w wide; gives the ink in the corner. */
const DRAW = `
  // MNIST's pen is 2.5 wide, where it is read.
  Z=(f,u,v,w=2.5/f)=>{
    a.width=innerWidth;
    G.setTransform(f,0,0,f,u,v);
    G.lineWidth=w;
    G.lineCap=G.lineJoin="round";
    G.stroke(P);
    return G.getImageData(0,0,28,28).data.filter((_,i)=>i%4>2)
  }
`;

/** The event, and what the classifier's innermost loop has. */
const LOCALS = "e,y,j,v,c,t";

/** What happens where the pen goes down or moves, up to the image in `x`. */
const POINTER = `
  // What the innermost loop needs is local, which is tenfold as fast.
  onpointerdown=onpointermove=(${LOCALS})=>{if(e.buttons){
    // The pen goes down (button 0; it is −1 while it moves): a second after the last
    // movement a new drawing begins, earlier another line of this one.
    e.button||(e.timeStamp-a.t<1e3||(P=new Path2D,X=[],Y=[]),P.moveTo(e.x,e.y));
    a.t=e.timeStamp;
    P.lineTo(e.x,e.y);
    X.push(e.x);
    Y.push(e.y);
    // As MNIST's images were made: with its pen, 2.5 wide, the ink fits into 20×20; less
    // than 27 pixels are a dot, which isn't enlarged to that.
    f=17.5/M(M(...X)-(u=Math.min(...X)),M(...Y)-(v=Math.min(...Y)),27);
    // Drawn near the corner, for its centre of mass, (U, V) / A;
    A=U=V=0;
    Z(f,g=5-f*u,h=5-f*v).map((b,i)=>{A+=b;U+=b*(i%28);V+=b*(i/28|0)});
    // then again, with that on the pixel (14, 14), to be read; then as it is, to be seen.
    x=[Z(f,g+14-U/A,h+14-V/A)];
    Z(1,0,0,20)
`;

/** The logits become numbers; the largest is told. */
const LOGITS = "x=x.map(y=>y[0])";

/**
 * `model`, which reads single characters in MNIST's form, as one page that fits into a
 * QR code where the model is small enough: the model, its decoder and paper to draw on.
 *
 * Throws a `RangeError` that names the page without `--tiny` for what it can't say:
 * other images, residual sums, zeros around images, windows that are not square,
 * activations but relu and leaky relu, weights that are no levels of one scale.
 */
export function writeTinyPage(model: EncodedModel): Exported {
  const { spec, labels } = model;
  const [height, width, channels] = spec.input;
  const input: [number, number, number] = [height, width, channels];
  if (
    !readsHandwriting({ input, classNames: labels }) ||
    labels.some(({ length }) => length !== 1)
  ) {
    refuse(
      "a model must read 28×28 greys of single characters",
      `it reads ${spec.input.join("×")} in ${labels.length} classes from "${
        labels[0]
      }" on`,
    );
  }
  const plan = planRows(model);
  const { declare, begin, next } = writeLevels(plan.levels);
  // In ASCII, as all of the page: so no charset is needed.
  const range = `${labels[0]}-${labels[labels.length - 1]}`
    .replace(/[^\w-]/g, (each) => `&#${each.charCodeAt(0)};`);
  const best = "x.indexOf(M(...x))";
  const label = labels.every((each, index) => each === `${index}`)
    ? best
    : `${scriptJson(labels.join(""))}[${best}]`;
  const html = `${
    shorten(`
      <!doctype html>
      <html lang=en>
      <meta name=viewport content="width=device-width">
      <title>${range}</title>
      <body style="background:#fd8;color:#b30;font:20vmin system-ui;text-align:center">
      <output id=O>Draw ${range}</output>
      <canvas id=a height=2000 style=position:fixed;inset:0;touch-action:none></canvas>`)
  }<script>
${declare}
${CANVAS.trim().replace(/\n */g, "\n")}
${shorten(DRAW)}
${shorten(POINTER)}
${begin};${classifierText(plan, next)}
${LOGITS};O.value=${label}}}
</script>`;
  return { files: [{ name: "", content: html }] };
}

/**
 * The script of a tiny page `html` without its canvas, as the body of a function of
 * `pixels`, one image, that gives the logits. It is no module's code: it declares nothing.
 */
export function tinyClassifierOf(html: string): string {
  const lines = html.split("\n");
  const [first, canvas, begins, ends] = ["S=", "M=", "n=l=0", LOGITS].map((
    start,
  ) => lines.findIndex((line) => line.startsWith(start)));
  return [
    ...lines.slice(first, canvas + 1),
    `let ${LOCALS};x=[pixels]`,
    ...lines.slice(begins, ends),
    LOGITS,
    "return x",
  ].join("\n");
}
