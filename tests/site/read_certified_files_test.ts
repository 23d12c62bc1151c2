import { assertEquals, assertRejects } from "@std/assert";
import { readCertifiedFiles } from "../../site/read_certified_files.ts";

/** A folder with one file of one byte, and its manifest. */
async function folderWith(manifest?: unknown): Promise<string> {
  const folder = await Deno.makeTempDir();
  await Deno.writeFile(`${folder}/small.dram`, Uint8Array.of(7));
  if (manifest !== undefined) {
    await Deno.writeTextFile(`${folder}/small.json`, JSON.stringify(manifest));
  }
  return folder;
}

const scores = { validation: { accuracy: 0.5 }, test: { accuracy: 0.25 } };

Deno.test("the shipped files come by name, each with its family", async () => {
  const files = await readCertifiedFiles("models/compact");
  assertEquals(files.map(({ name, family }) => [name, family]), [
    ["digits-95", "compact"],
    ["digits-98", "compact"],
    ["digits-99", "compact"],
    ["lenet-300-100", "deep-compression"],
    ["lenet-5", "deep-compression"],
    ["student-6", "student"],
  ]);
});

Deno.test("a manifest says what is known of a file, and no more", async () => {
  const loss = { kind: "distillation", temperature: 3, alpha: 0.5 };
  const configuration = { loss, seed: 7 };
  const full = await folderWith({ configuration, scores });
  const [file] = await readCertifiedFiles(full);
  assertEquals([file.loss, file.seed], ["distillation(T=3,alpha=0.5)", 7]);
  const [bare] = await readCertifiedFiles(await folderWith({ scores }));
  assertEquals(bare, {
    ...{ name: "small", family: "compact", title: "compact student" },
    ...{ hidden: null, loss: null, seed: null, bytes: Uint8Array.of(7) },
    expected: { validation: 0.5, test: 0.25 },
  });
});

Deno.test("a file without a manifest, or without scores in it, is refused", async () => {
  const missing = await folderWith();
  await assertRejects(
    () => readCertifiedFiles(missing),
    Deno.errors.NotFound,
    "small.json",
  );
  const silent = await folderWith({ scores: { validation: {} } });
  await assertRejects(
    () => readCertifiedFiles(silent),
    SyntaxError,
    "there is no scores.validation.accuracy",
  );
});
