import { basename } from "@std/path";
import { gzipSync } from "node:zlib";
import {
  type ExportedFile,
  type Exporter,
  EXPORTERS,
  type ExportFormat,
  isExportFormat,
  listExportFormats,
  prepareReference,
  proveExport,
  QR_BYTES,
  TINY_PAGE,
} from "../../core/export/mod.ts";
import { writeAllAtomically } from "../../core/files/write_atomically.ts";
import { decodeDram } from "../../core/infer/decode_dram.ts";
import { loadEncoded } from "../../core/infer/load.ts";
import { countParameters } from "../../core/models/cost.ts";
import { cleanText } from "../../core/text/clean_text.ts";
import {
  formatCompression,
  formatCount,
} from "../../core/text/format_numbers.ts";
import { formatTextTable } from "../../core/text/text_table.ts";
import { defineCommand } from "../command.ts";
import { checkPath } from "../options/check_paths.ts";
import {
  DATA_OPTIONS,
  fitToModel,
  holdTestImages,
  loadData,
} from "../options/data_options.ts";
import { UsageError } from "../terminal/errors.ts";
import { claimOutput, FORCE_OPTION } from "./claim_output.ts";
import { readDram } from "./read_dram.ts";

const COLUMNS = [
  { heading: "format", align: "left" },
  { heading: "bytes", align: "right" },
  { heading: "gzipped", align: "right" },
  { heading: "over .dram", align: "right" },
  { heading: "largest difference", align: "right" },
  { heading: "seconds", align: "right" },
  { heading: "proven by", align: "left" },
] as const;

/** Bytes of some files, and of each packed by gzip at level 9. */
function measureFiles(files: readonly ExportedFile[]) {
  let [bytes, gzipped] = [0, 0];
  for (const { content } of files) {
    const raw = typeof content === "string"
      ? new TextEncoder().encode(content)
      : content;
    bytes += raw.length;
    gzipped += gzipSync(raw, { level: 9 }).length;
  }
  return { bytes, gzipped };
}

/** Where an export called `out` puts `name`: a file of a folder, or beside the first. */
function pathOf(out: string, { makes }: Exporter, name: string): string {
  if (makes === "folder") return `${out}/${name}`;
  if (name === "") return out;
  return out.replace(/(\.[^./]*)?$/, name);
}

export const command = defineCommand({
  name: "export",
  about:
    `Writes a .dram file in a form that another runtime runs. It is proven first:
run by that runtime, each test image gets the class that the .dram gives, and
each logit is within float32's rounding. Where the runtime isn't at hand the
file is written unproven, and that is said.
${
      listExportFormats().map((format) =>
        `  ${format.padEnd(12)}${EXPORTERS[format].about}`
      ).join("\n")
    }
  all         each of them, into a folder`,
  examples: [
    "export models/compact/digits-98.dram --to c --out digits.h",
    "export models/compact/digits-98.dram --to html --tiny --out qr.html",
    "export models/compact/digits-98.dram --to all --out exported",
  ],
  positional: {
    file: {
      kind: "path",
      reads: "file",
      required: true,
      help: "a .dram file",
    },
  },
  options: {
    to: {
      kind: "choice",
      choices: [...listExportFormats(), "all"],
      help: "the format",
    },
    tiny: {
      kind: "boolean",
      help: "html: the model and paper to draw digits on, nothing else",
    },
    out: {
      kind: "path",
      writes: "file or folder",
      placeholder: "PATH",
      help: "where to write it: a file, or a folder",
    },
    ...DATA_OPTIONS,
    ...FORCE_OPTION,
  },
  async run({ file, to, tiny, out, force, ...values }, io) {
    if (to === undefined || out === undefined) {
      throw new UsageError(
        `Cannot export ${file}: --to must name a format (${
          listExportFormats().join(", ")
        } or all), and --out where to write it`,
      );
    }
    if (tiny && to !== "html") {
      throw new UsageError(
        `Cannot export ${file}: --tiny is a page's: --to must be html: it is ${to}`,
      );
    }
    const formats = isExportFormat(to) ? [to] : listExportFormats();
    const stem = basename(file).replace(/\.[^.]*$/, "");
    const plans = formats.map((format) => {
      const exporter: Exporter = tiny ? TINY_PAGE : EXPORTERS[format];
      const { makes } = exporter;
      const name = makes === "folder" ? format : `${stem}${makes.extension}`;
      return { format, exporter, at: to === "all" ? `${out}/${name}` : out };
    });
    const intoFolder = to === "all" || plans[0].exporter.makes === "folder";
    await checkPath(out, { writes: intoFolder ? "folder" : "file" });
    const { bytes, encoded } = await readDram(
      file,
      (content) => ({ bytes: content.length, encoded: decodeDram(content) }),
    );
    using _claim = await claimOutput({
      command: "export",
      at: intoFolder ? { folder: out } : { file: out },
      force,
      makes: plans.flatMap(({ exporter, at }) =>
        exporter.names.map((name) => pathOf(at, exporter, name))
      ),
    });
    const model = loadEncoded(encoded);
    const whole = fitToModel(model, await loadData(values, io), file);
    const { signal } = io;
    const { images, count } = holdTestImages(whole, io);
    io.note(
      `direct: ${formatCount(count)} test images of ${cleanText(whole.name)}`,
    );
    const reference = await prepareReference(encoded, images, { signal });
    const exports = [];
    const refused: { format: ExportFormat; reason: string }[] = [];
    for (const { format, exporter, at } of plans) {
      const { about, fetches } = exporter;
      io.note(
        `${format}: ${about}${
          fetches ? `; its proof fetches ${fetches} the first time` : ""
        }`,
      );
      let exported;
      try {
        const stem = basename(at).replace(/\.[^.]*$/, "");
        exported = await exporter.write(encoded, stem);
      } catch (error) {
        // What one format can't say, others can.
        if (to !== "all" || !(error instanceof RangeError)) throw error;
        const reason = cleanText(error.message);
        io.note(`${format}: not written: ${reason}`);
        refused.push({ format, reason });
        continue;
      }
      const { files, footprint } = exported;
      const found = await proveExport(files, exporter, reference, { signal });
      signal.throwIfAborted();
      const proof = "absent" in found ? null : found;
      const absent = "absent" in found ? found.absent : null;
      const paths = files.map(({ name }) => pathOf(at, exporter, name));
      if (exporter.makes === "folder") {
        await Deno.mkdir(at, { recursive: true });
      }
      await writeAllAtomically(
        files.map(({ content }, index) => [paths[index], content]),
      );
      for (const warning of proof?.warnings ?? []) {
        io.note(`${format}: ${cleanText(warning)}`);
      }
      if (footprint) {
        const { constants, ram } = footprint;
        const code = proof?.flash
          ? `, ${formatCount(proof.flash)} with code, compiled with -Os`
          : "";
        io.note(
          `${format}: flash: ${
            formatCount(constants)
          } bytes of constants${code}; RAM between layers: ${
            formatCount(ram)
          } bytes`,
        );
      }
      if (absent !== null) io.note(`${format}: written, not proven: ${absent}`);
      const measured = measureFiles(files);
      if (tiny) {
        const holds = measured.bytes <= QR_BYTES
          ? "holds it"
          : "does not hold it";
        io.note(
          `${format}: ${
            formatCount(measured.bytes)
          } bytes: one QR code ${holds} (${
            formatCount(QR_BYTES)
          } bytes: version 40, byte mode, level L)`,
        );
      }
      exports.push({
        format,
        files: paths,
        ...measured,
        ...tiny ? { inOneQrCode: measured.bytes <= QR_BYTES } : {},
        footprint: footprint
          ? { ...footprint, flash: proof?.flash ?? null }
          : null,
        proof: proof && { ...proof, flash: undefined },
        absent,
      });
    }
    const rows = exports.map((each) => [
      each.format,
      formatCount(each.bytes),
      formatCount(each.gzipped),
      formatCompression(each.gzipped / bytes),
      each.proof?.largestDifference.toExponential(1) ?? "",
      each.proof?.seconds.toFixed(1) ?? "",
      each.proof?.runtime ?? `not proven: ${each.absent}`,
    ]);
    const own = [".dram", formatCount(bytes), "", "1.0×", "", "", ""];
    io.print(formatTextTable([...COLUMNS], [own, ...rows]).trimEnd());
    io.print(
      `proven: the .dram's class on each of ${
        formatCount(count)
      } test images of ${
        cleanText(whole.name)
      } and ${reference.noise} of noise; over .dram: gzipped bytes over the .dram's; seconds: until its runtime had started and answered for all`,
    );
    io.print(exports.flatMap(({ files }) => files).map(cleanPath).join("\n"));
    io.printJson({
      file,
      bytes,
      parameters: countParameters(encoded.spec),
      dataset: whole.name,
      count,
      exports,
      refused,
    });
  },
});

function cleanPath(path: string): string {
  return `written: ${cleanText(path)}`;
}
