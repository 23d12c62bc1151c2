import { fromFileUrl } from "@std/path";
import { findProgram } from "../../../web/browser/chromium.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const SOURCE = fromFileUrl(new URL("dram.c", import.meta.url));

const STRICT = ["-std=c99", "-O2", "-Wall", "-Wextra", "-Werror"];

/** Flags for speed, and those for a decoder that dies at the first byte read beyond its memory. */
const FLAGS = {
  fast: [],
  checked: [
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=undefined",
  ],
};

/** Whether gcc is there to compile the second decoder. */
export const HAS_GCC = findProgram("gcc") !== null;

/** Compiles dram.c to `path`. */
export async function compileSecondDecoder(
  path: string,
  mode: keyof typeof FLAGS,
): Promise<void> {
  const { success, stderr } = await new Deno.Command("gcc", {
    args: [...STRICT, ...FLAGS[mode], "-o", path, SOURCE, "-lm"],
  }).output();
  if (!success) {
    const said = new TextDecoder().decode(stderr);
    throw new Error(`Cannot compile ${SOURCE}: ${said}`);
  }
}

/** A file to decode, and images of bytes to classify by it. */
export interface Request {
  bytes: Uint8Array;
  /** None, or whole images of the file's input, one after another. */
  pixels: Uint8Array;
}

/** `bytes` behind their length in 32 bits, lowest byte first. */
function prefix(bytes: Uint8Array): Uint8Array[] {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length, true);
  return [length, bytes];
}

/** The files that are shipped: those of `models` and of the site, and their names. */
export function readShipped(): { name: string; bytes: Bytes }[] {
  const root = new URL("../../../../", import.meta.url);
  return [
    "models/compact/",
    "models/exact/",
    "models/fashion-mnist/",
    "web/static/models/",
  ].flatMap((folder) =>
    [...Deno.readDirSync(new URL(folder, root))]
      .map(({ name }) => folder + name)
      .filter((name) => name.endsWith(".dram"))
      .sort()
      .map((name) => ({ name, bytes: Deno.readFileSync(new URL(name, root)) }))
  );
}

/** The second decoder as a process that is asked about many files. */
export class SecondDecoder implements AsyncDisposable {
  #process: Deno.ChildProcess;
  #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  #reader: ReadableStreamDefaultReader<Uint8Array>;
  #read: Uint8Array = new Uint8Array();

  /** Of the compiled decoder at `path`. */
  constructor(path: string) {
    this.#process = new Deno.Command(path, {
      args: ["--serve"],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#writer = this.#process.stdin.getWriter();
    this.#reader = this.#process.stdout.getReader();
  }

  /** What it says of each of `requests`. Rejects where it died, as of an error in memory. */
  async ask(requests: Request[]): Promise<string[]> {
    const blob = new Blob(
      requests.flatMap(({ bytes, pixels }) => [
        ...prefix(bytes),
        ...prefix(pixels),
      ]).map((part) => part.slice()),
    );
    // It answers while it is asked: whoever first wrote all would wait for ever.
    const written = this.#writer.write(
      new Uint8Array(await blob.arrayBuffer()),
    );
    const answers: string[] = [];
    for (const _ of requests) {
      const length = await this.#take(4);
      const view = new DataView(length.buffer, length.byteOffset);
      const text = await this.#take(view.getUint32(0, true));
      answers.push(new TextDecoder().decode(text));
    }
    await written;
    return answers;
  }

  /** The next `length` bytes that it says. */
  async #take(length: number): Promise<Uint8Array> {
    const parts = [this.#read];
    let have = this.#read.length;
    while (have < length) {
      const { value } = await this.#reader.read();
      if (!value) throw new Error("The second decoder died: see above");
      parts.push(value);
      have += value.length;
    }
    let all = parts[parts.length - 1];
    if (parts.length > 1) {
      all = new Uint8Array(have);
      let place = 0;
      for (const part of parts) {
        all.set(part, place);
        place += part.length;
      }
    }
    this.#read = all.subarray(length);
    return all.subarray(0, length);
  }

  /** Ends the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close().catch(() => {}); // it may have died
    await this.#reader.cancel();
    await this.#process.status;
  }
}
