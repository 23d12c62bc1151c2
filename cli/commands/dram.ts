import { writeAtomically } from "../../core/files/write_atomically.ts";
import { inspectDram } from "../../core/infer/inspect_dram.ts";
import { encodeLinkText } from "../../core/infer/link_text.ts";
import { decodeShareLink } from "../../core/infer/share_link/decode_share_link.ts";
import type { ShareLink } from "../../core/infer/share_link/share_link.ts";
import { formatInspection } from "../../core/report/format_inspection.ts";
import { defineCommand } from "../command.ts";
import { checkPath } from "../options/check_paths.ts";
import { claimOutput, FORCE_OPTION } from "./claim_output.ts";
import { readDram } from "./read_dram.ts";

/** What `link` holds; what is wrong with it is said as of any other input. */
function decode(link: string): ShareLink | null {
  try {
    return decodeShareLink(link);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) {
      throw error;
    }
    const what = error.message.replace(/^This link /, "it ");
    throw new SyntaxError(`Cannot read this link: ${what}`, { cause: error });
  }
}

/**
 * The `.dram` file that stands behind the `#` of `link`, be it of `dram --link` or
 * of the site's share button, with what a chat or a mailer added to it. Throws a `SyntaxError` where none
 * does.
 */
function readLink(link: string): Uint8Array<ArrayBuffer> {
  const share = decode(link);
  if (!share) {
    throw new SyntaxError(
      "Cannot read this link: it must hold a model behind its #: it holds none",
    );
  }
  return share.dram;
}

export const command = defineCommand({
  name: "dram",
  about:
    `Says where the bytes of a .dram file go: header, architecture, scales and
codebooks, weights; of each tensor its coding, entropy and bits a weight. Prints
a file as text for a link, and reads such a link.`,
  examples: [
    "dram models/compact/digits-98.dram",
    "dram models/compact/digits-98.dram --json",
    "dram models/compact/digits-98.dram --link",
    "dram 'https://example.org/#1yE…' --out small.dram",
  ],
  positional: {
    file: {
      kind: "string",
      required: true,
      help: "a .dram file, or a link that holds one behind its #",
    },
  },
  options: {
    link: {
      kind: "boolean",
      help: "print the file as text for a link (base64url)",
    },
    out: {
      kind: "path",
      writes: "file",
      placeholder: "FILE",
      help: "write the file that a link holds",
    },
    ...FORCE_OPTION,
  },
  async run({ file, link, out, force }, io) {
    const isLink = /#|:\/\//.test(file);
    if (!isLink) await checkPath(file, { reads: "file" });
    const inspect = (bytes: Uint8Array<ArrayBuffer>) => ({
      bytes,
      inspection: inspectDram(bytes),
    });
    const { bytes, inspection } = isLink
      ? inspect(readLink(file))
      : await readDram(file, inspect);
    if (out !== undefined) {
      using _claim = await claimOutput({
        command: "dram",
        at: { file: out },
        makes: [out],
        force,
      });
      await writeAtomically(out, bytes);
    }
    const text = encodeLinkText(bytes);
    const name = isLink ? out ?? "link" : file;
    io.print(link ? text : formatInspection(name, inspection));
    io.printJson({ file: name, ...inspection, ...(link && { link: text }) });
  },
});
