import { nameLoss } from "../../../core/train/losses/losses.ts";
import { assertEquals } from "@std/assert";
import type { FeaturePart } from "../../../core/distill/feature_store.ts";
import { logitAccuracy } from "../../../core/distill/logit_accuracy.ts";

Deno.test("logitAccuracy counts the images whose largest logit is their class", () => {
  const part: FeaturePart = {
    count: 4,
    path: "",
    precision: "float32",
    checksums: new Uint32Array(4),
    labels: Uint8Array.of(0, 1, 2, 2),
    // deno-fmt-ignore
    logits: Float32Array.of(
      -1, -2, -3, // right
      5, 4, 9, // wrong
      0, 0, 1, // right
      -7, -9, -6, // right
    ),
  };
  assertEquals(logitAccuracy(part), 0.75);
});

Deno.test("nameLoss tells losses apart", () => {
  assertEquals(nameLoss({ kind: "logit-mse" }), "logit-mse");
  assertEquals(nameLoss({ kind: "cross-entropy" }), "cross-entropy");
  assertEquals(
    nameLoss({ kind: "distillation", temperature: 4, alpha: 0.9 }),
    "distillation(T=4,alpha=0.9)",
  );
});
