import { assertEquals, assertThrows } from "@std/assert";
import { decodeHead, encodeHead } from "../../../core/distill/head_weights.ts";
import {
  decodeSafeTensors,
  encodeSafeTensors,
} from "../../../core/files/safetensors.ts";

const HEAD = [
  { shape: [3, 2], values: Float32Array.of(1, 2, 3, 4, 5, 6) },
  { shape: [2], values: Float32Array.of(-0, 1e-40) },
  { shape: [2, 2], values: Float32Array.of(7, 8, 9, 10) },
  { shape: [2], values: Float32Array.of(11, 12) },
];

Deno.test("decodeHead gives back what encodeHead was given, in order", () => {
  assertEquals(decodeHead(encodeHead(HEAD), "trial 1"), HEAD);
});

Deno.test("encodeHead names the layers that the weights belong to", () => {
  const { tensors } = decodeSafeTensors(encodeHead(HEAD), "trial 1");
  assertEquals(
    [...tensors.keys()],
    ["hidden/kernel", "hidden/bias", "logits/kernel", "logits/bias"],
  );
});

Deno.test("decodeHead refuses a head that lacks a weight", () => {
  const { tensors, metadata } = decodeSafeTensors(encodeHead(HEAD), "head");
  tensors.delete("logits/kernel");
  assertThrows(
    () => decodeHead(encodeSafeTensors({ tensors, metadata }), "trial 7"),
    SyntaxError,
    "Cannot read the head of trial 7: it must hold logits/kernel",
  );
});

Deno.test("decodeHead refuses bytes that are cut off", () => {
  assertThrows(
    () => decodeHead(encodeHead(HEAD).slice(0, -4), "trial 7"),
    SyntaxError,
    "trial 7",
  );
});

Deno.test("decodeHead refuses a head with any byte flipped", () => {
  const whole = encodeHead(HEAD);
  for (let place = 0; place < whole.length; place++) {
    const flipped = whole.slice();
    flipped[place] ^= 1 << place % 8;
    assertThrows(() => decodeHead(flipped, "trial 7"), SyntaxError, "trial 7");
  }
});

Deno.test("decodeHead reads heads that were written before there were checksums", () => {
  const { tensors } = decodeSafeTensors(encodeHead(HEAD), "head");
  const older = encodeSafeTensors({ tensors, metadata: {} });
  assertEquals(decodeHead(older, "trial 1"), HEAD);
});
