import { createHash, type Hash } from "node:crypto";
import { basename } from "node:path";
import { fetchPackage } from "../../files/fetch_package.ts";
import { isRecord } from "../../files/json.ts";
import { nameKind } from "../../files/read_regular_file.ts";
import { cleanText } from "../../text/clean_text.ts";
import type { DataFormat, RawDataset } from "./format.ts";
import { findPartFiles, hasPartFiles } from "./part_files.ts";
import {
  collectPictures,
  matchColours,
  type PictureFile,
} from "./pictures/collect_pictures.ts";
import {
  type ColumnValue,
  readColumn,
  type ReadFields,
} from "./parquet_pages.ts";
import { MOST_PICTURE_BYTES } from "./pictures/picture.ts";
import { READER_PACKAGES } from "./reader_packages.ts";

const ENDING = /\.parquet$/i;
/** Rows that the files of a part may have together. */
const MOST_ROWS = 2 ** 24;
/** Bytes that a row group, whose pictures are in memory together, may have. */
const MOST_GROUP_BYTES = 2 ** 31;
/** Names of the column of labels, where the file doesn't say which it is. */
const LABELS = ["label", "labels", "fine_label", "class", "target"];

/** What a file says of a column in a row group; lengths and places are as large as it says. */
interface ColumnMetadata {
  path_in_schema: string[];
  codec: string;
  type: string;
  dictionary_page_offset?: bigint;
  data_page_offset: bigint;
  total_compressed_size: bigint;
  total_uncompressed_size: bigint;
}

interface RowGroup {
  num_rows: bigint;
  columns: { meta_data?: ColumnMetadata }[];
}

/** What a file says of itself. */
interface Metadata {
  key_value_metadata?: { key: string; value?: string }[];
  row_groups: RowGroup[];
}

/** A column, or a group of them. */
interface SchemaNode {
  element: { name: string; repetition_type?: string };
  children: SchemaNode[];
}

/** What we use of hyparquet. */
interface Parquet {
  parquetMetadataAsync(
    file: ReturnType<typeof sliceFile>,
    options: { geoparquet: false },
  ): Promise<Metadata>;
  parquetSchema(metadata: Metadata): SchemaNode;
  deserializeTCompactProtocol: ReadFields;
}

async function loadParquet(): Promise<Parquet> {
  const folder = await fetchPackage(READER_PACKAGES.parquet);
  const [metadata, thrift] = await Promise.all(
    ["metadata", "thrift"].map((name) =>
      import(new URL(`src/${name}.js`, folder).href)
    ),
  );
  return { ...metadata, ...thrift };
}

/** What is in a file, before its rows. */
interface Header {
  path: string;
  metadata: Metadata;
  image: string;
  label: string;
  /** What classes are called, where the file says. */
  classNames?: string[];
}

function refuse(path: string, what: string): never {
  throw new SyntaxError(`Cannot read ${path}: ${what}`);
}

/** The bytes of the file as its reader wants them; each is hashed once the file is opened. */
function sliceFile(file: Deno.FsFile, byteLength: number) {
  return {
    byteLength,
    async slice(start: number, end = byteLength): Promise<ArrayBuffer> {
      if (!(start >= 0 && end >= start && end <= byteLength)) {
        throw new SyntaxError(
          `it must have the bytes that it speaks of: ${start} to ${end} of ${byteLength}`,
        );
      }
      const bytes = new Uint8Array(end - start);
      await file.seek(start, Deno.SeekMode.Start);
      for (let at = 0; at < bytes.length;) {
        const count = await file.read(bytes.subarray(at));
        if (count === null) throw new SyntaxError("it has become shorter");
        at += count;
      }
      return bytes.buffer;
    },
  };
}

/** What Hugging Face's `datasets` writes of columns into the file. */
function readFeatures(metadata: Metadata): Record<string, unknown> {
  const text = metadata.key_value_metadata
    ?.find(({ key }) => key === "huggingface")?.value;
  if (!text) return {};
  try {
    const said: unknown = JSON.parse(text);
    const info = isRecord(said) ? said.info : undefined;
    return isRecord(info) && isRecord(info.features) ? info.features : {};
  } catch {
    return {}; // Columns are told by their names then.
  }
}

/** Finds the columns of pictures and of labels. */
function readHeader(
  { parquetSchema }: Parquet,
  metadata: Metadata,
  path: string,
): Header {
  const features = readFeatures(metadata);
  const kindOf = (name: string) => {
    const feature = features[name];
    return isRecord(feature) ? feature._type : undefined;
  };
  const columns = parquetSchema(metadata).children;
  const names = columns.map(({ element }) => element.name);
  const image = names.find((name) => kindOf(name) === "Image") ??
    columns.find(({ children }) =>
      children.some(({ element }) => element.name === "bytes")
    )?.element.name;
  const label = names.find((name) => kindOf(name) === "ClassLabel") ??
    LABELS.find((name) => names.includes(name));
  if (image === undefined || label === undefined) {
    refuse(
      path,
      `it must have a column of pictures (a group with \`bytes\`) and one of labels (${
        LABELS.join(", ")
      }): its columns are ${cleanText(names.join(", "))}`,
    );
  }
  const feature = features[label];
  const said = isRecord(feature) ? feature.names : undefined;
  const classNames = Array.isArray(said) &&
      said.every((name) => typeof name === "string")
    ? said
    : undefined;
  return { path, metadata, image, label, classNames };
}

/** Opens a file that is one, for as long as it is used. */
async function openFile(path: string) {
  const info = await Deno.stat(path);
  if (!info.isFile) {
    throw new TypeError(
      `Cannot read ${path}: it must be a file: it is ${
        nameKind(info)
      }; name a file`,
    );
  }
  const file = await Deno.open(path, { read: true });
  const { size } = await file.stat();
  return { file, size };
}

/** Does `work` for a file; what its reader throws becomes a word about the file. */
async function explain<Value>(
  path: string,
  work: () => Promise<Value>,
): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (
      error instanceof SyntaxError && error.message.startsWith("Cannot ")
    ) throw error;
    refuse(
      path,
      `it must be a whole parquet file: ${
        error instanceof Error ? error.message : error
      }`,
    );
  }
}

async function loadHeader(parquet: Parquet, path: string): Promise<Header> {
  const { file, size } = await openFile(path);
  using _ = file;
  return await explain(path, async () => {
    const metadata = await parquet.parquetMetadataAsync(
      sliceFile(file, size),
      { geoparquet: false },
    );
    for (const group of metadata.row_groups) {
      const bytes = group.columns.reduce(
        (sum, { meta_data }) =>
          sum + Number(meta_data?.total_uncompressed_size ?? 0),
        0,
      );
      if (bytes <= MOST_GROUP_BYTES && Number(group.num_rows) >= 0) continue;
      refuse(
        path,
        `a row group must unpack to at most ${
          MOST_GROUP_BYTES.toLocaleString("en")
        } bytes: it says ${bytes.toLocaleString("en")}`,
      );
    }
    return readHeader(parquet, metadata, path);
  });
}

/** A label as a number. */
function readLabel(label: ColumnValue, name: string): number {
  if (typeof label === "number" && label >= 0) return label;
  throw new SyntaxError(
    `Cannot read ${name}: labels must be whole numbers from 0: it is ${
      label instanceof Uint8Array ? "text" : label
    }`,
  );
}

/** The values of the column at `path` of a row group, in the order of rows. */
async function readGroup(
  { parquet, buffer, header: { metadata } }: {
    parquet: Parquet;
    buffer: ReturnType<typeof sliceFile>;
    header: Header;
  },
  group: RowGroup,
  path: string[],
): Promise<ColumnValue[]> {
  const column = group.columns.find(({ meta_data }) =>
    meta_data?.path_in_schema.join("\0") === path.join("\0")
  )?.meta_data;
  if (!column) throw new SyntaxError(`it must have ${path.join(".")}`);
  let levels = 0;
  let node = parquet.parquetSchema(metadata);
  for (const name of path) {
    const child = node.children.find(({ element }) => element.name === name);
    if (!child || child.element.repetition_type === "REPEATED") {
      throw new SyntaxError(`it must have one ${path.join(".")} a row`);
    }
    levels += Number(child.element.repetition_type === "OPTIONAL");
    node = child;
  }
  const dictionary = Number(column.dictionary_page_offset ?? 0);
  const data = Number(column.data_page_offset);
  const start = dictionary > 0 ? Math.min(dictionary, data) : data;
  const end = start + Number(column.total_compressed_size);
  return readColumn({
    bytes: new Uint8Array(await buffer.slice(start, end)),
    codec: column.codec,
    type: column.type,
    levels,
    rows: Number(group.num_rows),
  }, parquet.deserializeTCompactProtocol);
}

/** The pictures of `headers`, a row group in memory at a time. */
async function* readRows(
  parquet: Parquet,
  headers: Header[],
  hashOf: (path: string) => Hash,
): AsyncGenerator<PictureFile> {
  for (const header of headers) {
    const { path, metadata, image, label } = header;
    const { file, size } = await openFile(path);
    using _ = file;
    const buffer = sliceFile(file, size);
    const hash = hashOf(path);
    let row = 0;
    for (const group of metadata.row_groups) {
      const read = (column: string[]) =>
        explain(
          path,
          () => readGroup({ parquet, buffer, header }, group, column),
        );
      // One after the other: both move the place at which the file is read.
      const pictures = await read([image, "bytes"]);
      const labels = await read([label]);
      for (const [at, picture] of pictures.entries()) {
        const name = `row ${row++} of ${path}`;
        const bytes = picture instanceof Uint8Array &&
            picture.length <= MOST_PICTURE_BYTES
          ? new Uint8Array(picture)
          : new SyntaxError("it must hold a picture's bytes");
        const number = readLabel(labels[at], name);
        if (bytes instanceof Uint8Array) {
          hash.update(`${number}\0${bytes.length}\0`).update(bytes);
        }
        yield { name, bytes, label: number };
      }
    }
  }
}

/** Pictures in tables, as Hugging Face keeps datasets. */
export const PARQUET: DataFormat = {
  words:
    "a .parquet file with a column of pictures, or a folder of train and test ones",
  reads: (place) => hasPartFiles(place, ENDING),
  async read(place, options): Promise<RawDataset> {
    const parquet = await loadParquet();
    const files = findPartFiles(place, ENDING);
    const sha256: Record<string, string> = {};
    const readPart = async (headers: Header[]) => {
      if (headers.length === 0) return undefined;
      const count = headers.reduce(
        (sum, { metadata }) =>
          sum +
          metadata.row_groups.reduce(
            (n, group) => n + Number(group.num_rows),
            0,
          ),
        0,
      );
      if (!(count >= 1 && count <= MOST_ROWS)) {
        refuse(
          headers[0].path,
          `it must have 1 to ${
            MOST_ROWS.toLocaleString("en")
          } rows: it says ${count}`,
        );
      }
      const hashes = new Map<string, Hash>();
      const hashOf = (path: string) => {
        const hash = createHash("sha256");
        hashes.set(path, hash);
        return hash;
      };
      const part = await collectPictures(readRows(parquet, headers, hashOf), {
        count,
        where: place.path,
        options,
      });
      for (const [path, hash] of hashes) {
        sha256[`pictures of ${basename(path)}`] = hash.digest("hex");
      }
      return part;
    };
    const headersOf = (paths: string[]) =>
      Promise.all(paths.map((path) => loadHeader(parquet, path)));
    const [train, test] = await Promise.all(
      [files.train, files.test].map(headersOf),
    );
    const named = [...train, ...test].map(({ classNames }) => classNames);
    const [classNames] = named;
    if (named.some((names) => names?.join("\0") !== classNames?.join("\0"))) {
      refuse(place.path, "its files must name the same classes");
    }
    const [first, second] = await matchColours([
      await readPart(train),
      await readPart(test),
    ], options.room);
    for (const part of [first, second]) {
      const beyond = classNames &&
        part?.labels.find((label) => label >= classNames.length);
      if (beyond === undefined) continue;
      refuse(
        place.path,
        `each label must have a name: there are ${classNames?.length}, and a label is ${beyond}`,
      );
    }
    return { train: first, test: second, classNames, sha256 };
  },
};
