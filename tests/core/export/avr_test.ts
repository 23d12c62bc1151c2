import { assert, assertEquals } from "@std/assert";
import { roundingBounds } from "../../../core/compress/rounding_bounds.ts";
import { loadMnist } from "../../../core/data/mnist.ts";
import { writeC } from "../../../core/export/c.ts";
import { decodeDram } from "../../../core/infer/decode_dram.ts";
import { decodeTensor } from "../../../core/infer/decode_tensor.ts";
import { loadEncoded } from "../../../core/infer/load.ts";
import { findProgram } from "../../web/browser/chromium.ts";

/** Debian's gcc-avr with avr-libc, and simavr. */
const hasAvr = findProgram("avr-gcc") !== null &&
  findProgram("simavr") !== null;

const IMAGES = 4;

/** Prints class and logits of each image, a line each, then sleeps: which ends the simulator. */
const PROGRAM = `#include "model.h"
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <stdio.h>
#include "images.h"

static int put(char c, FILE *file) {
  (void)file;
  while (!(UCSR0A & (1 << UDRE0))) {}
  UDR0 = c;
  return 0;
}
static FILE out = FDEV_SETUP_STREAM(put, 0, _FDEV_SETUP_WRITE);
static uint8_t pixels[784];
static float logits[10];

int main(void) {
  UCSR0B = 1 << TXEN0;
  stdout = &out;
  for (uint8_t i = 0; i < ${IMAGES}; i++) {
    for (int k = 0; k < 784; k++) pixels[k] = pgm_read_byte(&images[i][k]);
    printf("%d", classify(pixels, logits));
    for (int k = 0; k < 10; k++) {
      union { float value; uint32_t bits; } logit;
      logit.value = logits[k];
      printf(" %08lx", logit.bits);
    }
    printf("\\n");
  }
  cli();
  sleep_mode();
  return 0;
}
`;

async function run(cwd: string, program: string, args: string[]) {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd,
    signal: AbortSignal.timeout(120_000),
  }).output();
  const decoder = new TextDecoder();
  const said = decoder.decode(stderr);
  assert(success, said);
  return decoder.decode(stdout) + said;
}

Deno.test({
  name:
    "the C header answers alike on a microcontroller of 8 bits with 8 kB (needs gcc-avr, avr-libc, simavr)",
  ignore: !hasAvr,
  async fn() {
    const cwd = await Deno.makeTempDir();
    const model = decodeDram(
      await Deno.readFile("models/compact/digits-98.dram"),
    );
    const { test } = await loadMnist();
    const images = test.images.subarray(0, IMAGES * 784);
    const rows = Array.from(
      { length: IMAGES },
      (_, i) => `{${images.subarray(784 * i, 784 * (i + 1)).join(",")}}`,
    );
    const [{ content }] = writeC(model).files;
    await Deno.writeTextFile(`${cwd}/model.h`, String(content));
    await Deno.writeTextFile(
      `${cwd}/images.h`,
      `static const uint8_t images[][784] PROGMEM = {${rows.join(",\n")}};\n`,
    );
    await Deno.writeTextFile(`${cwd}/main.c`, PROGRAM);
    const warnings = await run(cwd, "avr-gcc", [
      ...["-std=c99", "-Wall", "-Wextra", "-Os", "-mmcu=atmega2560"],
      ...["main.c", "-o", "main.elf"],
    ]);
    assertEquals(warnings, "");
    const told = await run(cwd, "simavr", [
      ...["-m", "atmega2560", "-f", "16000000", "main.elf"],
    ]);
    const lines = [...told.matchAll(/(\d)((?: [0-9a-f]{8}){10})/g)];
    const direct = loadEncoded(model).classify(images);
    assertEquals(
      lines.map(([, found]) => Number(found)),
      [...direct.classes],
    );
    const bounds = roundingBounds(
      model.spec,
      model.tensors.map(decodeTensor),
      images,
    );
    lines.forEach(([, , words], image) =>
      words.trim().split(" ").forEach((word, i) => {
        const bits = new DataView(new ArrayBuffer(4));
        bits.setUint32(0, parseInt(word, 16));
        const expected = direct.logits[image * 10 + i];
        assert(Math.abs(bits.getFloat32(0) - expected) <= bounds[image]);
      })
    );
  },
});
