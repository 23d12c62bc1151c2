import type { RuntimeAnswer, RuntimeQuestion } from "./exporter.ts";

/** What C compilers are called; that which `CC` names comes first. */
const COMPILERS = ["cc", "gcc", "clang"];

/** Reads images from standard input, writes their logits to standard output. */
const PROGRAM = `#include <stdio.h>
#include "model.h"

int main(void) {
  static uint8_t pixels[RETORT_HEIGHT * RETORT_WIDTH * RETORT_CHANNELS];
  static float logits[RETORT_CLASSES];
  while (fread(pixels, sizeof pixels, 1, stdin) == 1) {
    classify(pixels, logits);
    if (fwrite(logits, sizeof logits, 1, stdout) != 1) return 1;
  }
  return 0;
}
`;

/** A unit with nothing but the model, whose size is the model's. */
const UNIT = `#include "model.h"
int retort_classify(const uint8_t *pixels, float *logits) {
  return classify(pixels, logits);
}
`;

interface Ran {
  success: boolean;
  stdout: Uint8Array<ArrayBuffer>;
  stderr: string;
}

/** Runs a program that reads `input`; null where it isn't there. */
async function run(
  program: string,
  args: string[],
  { cwd, input, signal }: {
    cwd: string;
    input?: Uint8Array<ArrayBuffer>;
    signal?: AbortSignal;
  },
): Promise<Ran | null> {
  let child;
  try {
    child = new Deno.Command(program, {
      args,
      cwd,
      stdin: input ? "piped" : "null",
      stdout: "piped",
      stderr: "piped",
      signal,
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  // A program that ends before it has read all is told by its exit code.
  const fed = input && child.stdin
    ? new Blob([input]).stream().pipeTo(child.stdin).catch(() => {})
    : undefined;
  const { success, stdout, stderr } = await child.output();
  await fed;
  return { success, stdout, stderr: new TextDecoder().decode(stderr) };
}

/** The first compiler that is there, and the first line of what it says it is. */
async function findCompiler(
  cwd: string,
): Promise<{ program: string; version: string } | null> {
  const named = Deno.env.get("CC");
  for (const program of [...(named ? [named] : []), ...COMPILERS]) {
    const ran = await run(program, ["--version"], { cwd });
    if (!ran?.success) continue;
    const [version] = new TextDecoder().decode(ran.stdout).split("\n");
    return { program, version };
  }
  return null;
}

/** Bytes of code and constants of the model alone, or undefined where none can tell. */
async function measureFlash(
  program: string,
  cwd: string,
): Promise<number | undefined> {
  await Deno.writeTextFile(`${cwd}/unit.c`, UNIT);
  const compiled = await run(program, ["-std=c99", "-Os", "-c", "unit.c"], {
    cwd,
  });
  if (!compiled?.success) return undefined;
  const sized = await run("size", ["unit.o"], { cwd });
  const [, line = ""] = new TextDecoder().decode(sized?.stdout).split("\n");
  const text = Number(line.trim().split(/\s+/)[0]);
  return sized?.success && text > 0 ? text : undefined;
}

/**
 * The logits of images by a C header, compiled with the machine's own compiler and
 * run in a process of its own. Absent where there is no compiler. Throws an `Error`
 * where the compiler refuses the header, or the program fails.
 */
export async function askCompiler(
  { files: [{ content }], classes, images, signal }: RuntimeQuestion,
): Promise<RuntimeAnswer> {
  const cwd = await Deno.makeTempDir({ prefix: "retort-c-" });
  try {
    const found = await findCompiler(cwd);
    if (!found) {
      return {
        absent:
          "no C compiler was found (cc, gcc or clang on the PATH, or what CC names)",
      };
    }
    const { program, version } = found;
    await Deno.writeTextFile(`${cwd}/model.h`, String(content));
    await Deno.writeTextFile(`${cwd}/main.c`, PROGRAM);
    const compiled = await run(
      program,
      ["-std=c99", "-Wall", "-Wextra", "-pedantic", "-O2", "main.c"]
        .concat(["-o", "classify"]),
      { cwd, signal },
    );
    if (!compiled?.success) {
      throw new Error(
        `Cannot prove the C header: ${program} must compile it: ${
          compiled?.stderr.trim() ?? "it can't be started"
        }`,
      );
    }
    const ran = await run(`${cwd}/classify`, [], {
      cwd,
      input: images,
      signal,
    });
    signal?.throwIfAborted();
    if (!ran?.success) {
      throw new Error(
        "Cannot prove the C header: its program must run to its end: it failed",
      );
    }
    const { stdout } = ran;
    const logits = new Float32Array(
      stdout.slice(0, stdout.length - stdout.length % (4 * classes)).buffer,
    );
    const flash = await measureFlash(program, cwd);
    return {
      runtime: version,
      logits,
      flash,
      warnings: compiled.stderr === "" ? [] : [compiled.stderr.trim()],
    };
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
}
