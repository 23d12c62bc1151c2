async function startAssembler() {
  const { default: start } = await import("npm:wabt@1.0.39");
  return await start();
}

let starting: ReturnType<typeof startAssembler> | undefined;
let wabt: Awaited<typeof starting>;
const assembled = new Map<string, Uint8Array<ArrayBuffer>>();

/**
 * Starts the assembler, once: about 50 ms, which only the Wasm backend pays.
 *
 * Throws an `Error` if it can't be loaded; the next call tries again.
 */
export async function loadAssembler(): Promise<void> {
  starting ??= startAssembler();
  try {
    wabt = await starting;
  } catch (cause) {
    starting = undefined;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `Cannot use the Wasm backend: its assembler, the npm package wabt, could not be loaded: run \`deno install\` where the registry can be reached, or pass --backend cpu: ${why}`,
      { cause },
    );
  }
}

/**
 * The WebAssembly binary of `wat`, a module in the text format, which may use
 * SIMD and relaxed SIMD. `name` appears in messages. Equal text is assembled
 * once.
 *
 * Throws an `Error` where `loadAssembler` hasn't ended, and a `SyntaxError`
 * where `wat` is not a valid module.
 *
 * Source: WebAssembly Core Specification 3.0, chapter "Text Format".
 */
export function assembleWat(
  name: string,
  wat: string,
): Uint8Array<ArrayBuffer> {
  const known = assembled.get(wat);
  if (known) return known;
  if (!wabt) {
    throw new Error(
      `Cannot assemble ${name}: the assembler isn't loaded: await loadAssembler() first`,
    );
  }
  let module;
  try {
    module = wabt.parseWat(`${name}.wat`, wat, {
      simd: true,
      bulk_memory: true,
      relaxed_simd: true,
    });
    module.validate();
    const binary = new Uint8Array(module.toBinary({}).buffer);
    assembled.set(wat, binary);
    return binary;
  } catch (error) {
    throw new SyntaxError(
      `Cannot assemble ${name}: its text must be a valid module: ${error}`,
      { cause: error },
    );
  } finally {
    module?.destroy();
  }
}

/** A module that needs `f32x4.relaxed_madd` and nothing else. */
const PROBE = `(module (func (param v128) (result v128)
  (f32x4.relaxed_madd (local.get 0) (local.get 0) (local.get 0))))`;

let answer: boolean | undefined;

/**
 * Whether this runtime has relaxed SIMD, whose `f32x4.relaxed_madd` multiplies and
 * adds in one instruction where the processor can.
 */
export function hasRelaxedSimd(): boolean {
  return answer ??= WebAssembly.validate(assembleWat("relaxed_simd", PROBE));
}
