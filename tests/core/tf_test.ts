import { assertEquals } from "@std/assert";

/** What a program of its own, which imports `tf`, writes to stdout and stderr. */
async function outputOf(code: string): Promise<string> {
  const tf = new URL("../../core/tf.ts", import.meta.url).href;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", `import * as tf from "${tf}";\n${code}`],
    cwd: new URL("../../", import.meta.url),
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return decoder.decode(stdout) + decoder.decode(stderr);
}

Deno.test("the CPU backend advertises nothing when it is first written to", async () => {
  const output = await outputOf(`
    await tf.setBackend("cpu");
    console.log((await tf.add(tf.scalar(1), 2).data())[0]);
  `);
  assertEquals(output, "3\n");
});

Deno.test("the CPU backend still prints tfjs's warnings", async () => {
  const output = await outputOf(`
    await tf.setBackend("cpu");
    tf.backend_util.warn("something is amiss");
  `);
  assertEquals(output, "something is amiss\n");
});

Deno.test("the CPU backend holds no tensor before it is used", async () => {
  const output = await outputOf(`
    await tf.setBackend("cpu");
    console.log(tf.memory().numTensors, tf.memory().numDataBuffers, tf.backend().numDataIds());
  `);
  assertEquals(output, "0 0 0\n");
});
