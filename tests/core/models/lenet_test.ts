import { assertEquals } from "@std/assert";
import { countParameters, weightShapes } from "../../../core/models/cost.ts";
import { lenet300100Spec, lenet5Spec } from "../../../core/models/lenet.ts";

Deno.test("LeNet-300-100 has the weights that Deep Compression counts, 266,610 of them", () => {
  assertEquals(weightShapes(lenet300100Spec({ dropout: 0.2 })), [
    [784, 300],
    [300],
    [300, 100],
    [100],
    [100, 10],
    [10],
  ]);
  assertEquals(countParameters(lenet300100Spec()), 266_610);
});

Deno.test("LeNet-5 has the weights that Caffe's has, 431,080 of them", () => {
  assertEquals(weightShapes(lenet5Spec({ dropout: 0.5 })), [
    [5, 5, 1, 20],
    [20],
    [5, 5, 20, 50],
    [50],
    [800, 500],
    [500],
    [500, 10],
    [10],
  ]);
  assertEquals(countParameters(lenet5Spec()), 431_080);
});

Deno.test("LeNets have dropout after hidden layers, where they are given a rate", () => {
  const kinds = (dropout?: number) =>
    lenet300100Spec({ dropout }).layers.map(({ kind }) => kind);
  assertEquals(kinds(0.2).filter((kind) => kind === "dropout").length, 2);
  assertEquals(kinds().includes("dropout"), false);
});

Deno.test("LeNets follow a dataset's image size and classes", () => {
  const data = { input: [14, 14, 1] as const, classes: 3 };
  assertEquals(
    countParameters(lenet300100Spec(data)),
    197 * 300 + 30_100 + 303,
  );
});
