import { cleanText } from "../../../text/clean_text.ts";
import { type Field, readFields, readPacked } from "./read_fields.ts";

/** Numbers as a file stores them, not read yet. */
export interface StoredTensor {
  name: string;
  shape: number[];
  /** Number of `TensorProto.DataType`. */
  type: number;
  /** Numbers in little endian, one behind the other. */
  raw?: Uint8Array<ArrayBuffer>;
  /** Numbers in fields of the message, where they aren't raw: packed, or one by one. */
  typed: Field[];
  /** Where they lie in another file, as the file says it. */
  external?: ReadonlyMap<string, string>;
}

/** What an operator is told beside its inputs: numbers, texts, or what isn't read. */
export type Attribute = number | number[] | string | StoredTensor | null;

/** An operator's place in the graph. */
export interface Node {
  /** What errors call it, with its operator. */
  label: string;
  /** As the file has it; empty where it has none. */
  name: string;
  operator: string;
  inputs: string[];
  outputs: string[];
  attributes: ReadonlyMap<string, Attribute>;
}

/** What goes in or comes out. */
export interface ValueInfo {
  name: string;
  /** Number of `TensorProto.DataType`; 0 of what is no tensor. */
  type: number;
  /** Extents with the batch's; NaN of one that only has a name. */
  shape: number[] | undefined;
}

/** An ONNX file, parsed. */
export interface OnnxModel {
  opset: number;
  /** Whether an image's channels are known to come last, as TensorFlow has them. */
  isChannelsLast?: boolean;
  nodes: Node[];
  tensors: ReadonlyMap<string, StoredTensor>;
  inputs: ValueInfo[];
  outputs: ValueInfo[];
}

/** Operators, tensors and such that a file may have: a large network has some thousand. */
const MOST_PARTS = 16_384;
/** Attributes, names and extents that each of these may have. */
const MOST_MEMBERS = 4096;
/** Axes that a tensor may have. */
export const MOST_AXES = 8;
/** Characters that a name may have. */
const MOST_NAME = 1024;
/** Operators' versions that are known; newer ones may mean otherwise. */
const NEWEST_OPSET = 26;

/** What reads a message's fields, by their numbers; `null` of one that changes nothing. */
type Fields = Readonly<Record<number, ((field: Field) => void) | null>>;

/** The shortest decimal that is `value` as a float32: a slope of 0.1 is one of 0.1. */
function shorten(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

class Parser {
  constructor(readonly source: string) {}

  refuse(rule: string): never {
    throw new SyntaxError(
      `Cannot load ${this.source}: ${rule}; export the model anew`,
    );
  }

  /** Reads a message of kind `what`: a field that isn't known might change what it computes. */
  read(what: string, { value }: Pick<Field, "value">, fields: Fields): void {
    for (const field of readFields(this.bytes(value, what), this.source)) {
      const read = fields[field.number];
      if (read === undefined) {
        this.refuse(
          `${what} must hold what ONNX says, and nothing else: found field ${field.number}`,
        );
      }
      read?.(field);
    }
  }

  bytes(value: Field["value"], what: string): Uint8Array<ArrayBuffer> {
    if (typeof value !== "number") return value;
    return this.refuse(`${what} must be bytes: found ${value}`);
  }

  integer({ value }: Field, what: string): number {
    if (typeof value === "number") return value;
    return this.refuse(`${what} must be an integer: found bytes`);
  }

  /** An integer, or several that are packed, behind `list`. */
  integers({ value }: Field, list: number[]): void {
    if (typeof value === "number") list.push(value);
    else {
      for (const each of readPacked(value, this.source)) {
        list.push(each);
        this.bound(list);
      }
    }
    this.bound(list);
  }

  float({ value }: Field, what: string): number {
    const bytes = this.bytes(value, what);
    if (bytes.length !== 4) this.refuse(`${what} must be a float32`);
    return shorten(
      new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true),
    );
  }

  floats({ value }: Field, list: number[]): void {
    const bytes = this.bytes(value, "a float");
    if (bytes.length % 4 !== 0) this.refuse("floats must be of 4 bytes");
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < bytes.length; at += 4) {
      list.push(view.getFloat32(at, true));
      this.bound(list);
    }
  }

  bound(list: readonly unknown[], most = MOST_MEMBERS): void {
    if (list.length <= most) return;
    throw new RangeError(
      `Cannot load ${this.source}: a list in it must have at most ${most} members: it has more; simplify the model, and export it anew`,
    );
  }

  text({ value }: Field, what: string): string {
    const bytes = this.bytes(value, what);
    if (bytes.length > MOST_NAME) {
      this.refuse(`${what} must have at most ${MOST_NAME} bytes`);
    }
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
      return this.refuse(`${what} must be text`);
    }
  }

  /** A key and a value, as `StringStringEntryProto` has them. */
  entry(field: Field): [string, string] {
    let [key, value] = ["", ""];
    this.read("an entry", field, {
      1: (each) => key = this.text(each, "a key"),
      2: (each) => value = this.text(each, "a value"),
    });
    return [key, value];
  }

  tensor(field: Field): StoredTensor {
    const external = new Map<string, string>();
    const tensor: StoredTensor = { name: "", shape: [], type: 0, typed: [] };
    let isExternal = false;
    const typed = (each: Field) => {
      tensor.typed.push(each);
    };
    this.read("a tensor", field, {
      1: (each) => this.integers(each, tensor.shape),
      2: (each) => tensor.type = this.integer(each, "a tensor's type"),
      3: () => this.refuse("a tensor must lie in one piece"),
      4: typed,
      5: typed,
      6: typed,
      7: typed,
      8: (each) => tensor.name = this.text(each, "a tensor's name"),
      9: (each) => tensor.raw = this.bytes(each.value, "a tensor's numbers"),
      10: typed,
      11: typed,
      12: null, // doc_string
      13: (each) => external.set(...this.entry(each)),
      14: (each) => isExternal = this.integer(each, "data_location") === 1,
      16: null, // metadata_props
    });
    this.bound(tensor.shape, MOST_AXES);
    if (isExternal) tensor.external = external;
    return tensor;
  }

  attribute(field: Field): [string, Attribute] {
    let name = "";
    let type = 0;
    let value: Attribute = null;
    let float = 0;
    let integer = 0;
    let text = "";
    const floats: number[] = [];
    const integers: number[] = [];
    this.read("an attribute", field, {
      1: (each) => name = this.text(each, "an attribute's name"),
      2: (each) => float = this.float(each, "an attribute"),
      3: (each) => integer = this.integer(each, "an attribute"),
      4: (each) => text = this.text(each, "an attribute"),
      5: (each) => value = this.tensor(each),
      6: null, // a graph: no operator that is known has one
      7: (each) => this.floats(each, floats),
      8: (each) => this.integers(each, integers),
      9: null, // strings
      10: null, // tensors
      11: null, // graphs
      13: null, // doc_string
      14: null, // a type
      15: null, // types
      20: (each) => type = this.integer(each, "an attribute's type"),
      21: () => this.refuse("an attribute must say its value"),
      22: null, // a sparse tensor
      23: null, // sparse tensors
    });
    switch (type) {
      case 1:
        return [name, float];
      case 2:
        return [name, integer];
      case 3:
        return [name, text];
      case 4:
        return [name, value];
      case 6:
        return [name, floats];
      case 7:
        return [name, integers];
      default:
        return [name, null];
    }
  }

  node(field: Field): Node {
    const inputs: string[] = [];
    const outputs: string[] = [];
    const attributes = new Map<string, Attribute>();
    let [name, operator, domain] = ["", "", ""];
    const add = (list: string[], each: Field) => {
      list.push(this.text(each, "a name"));
      this.bound(list);
    };
    this.read("a node", field, {
      1: (each) => add(inputs, each),
      2: (each) => add(outputs, each),
      3: (each) => name = this.text(each, "a node's name"),
      4: (each) => operator = this.text(each, "an operator"),
      5: (each) => {
        const [key, value] = this.attribute(each);
        if (attributes.has(key)) {
          this.refuse(
            `each attribute must be said once: ${
              cleanText(key)
            } is there twice`,
          );
        }
        attributes.set(key, value);
        this.bound([...attributes]);
      },
      6: null, // doc_string
      7: (each) => domain = this.text(each, "a domain"),
      8: null, // overload, of functions
      9: null, // metadata_props
      10: null, // device_configurations
    });
    const own = domain === "" || domain === "ai.onnx";
    const called = own ? operator : `${domain}.${operator}`;
    return {
      label: `node ${cleanText(name || outputs[0] || "?", { length: 80 })} (${
        cleanText(called, { length: 60 })
      })`,
      name,
      operator: called,
      inputs,
      outputs,
      attributes,
    };
  }

  shape(field: Field): number[] {
    const shape: number[] = [];
    this.read("a shape", field, {
      1: (dimension) => {
        let extent = NaN;
        this.read("an extent", dimension, {
          1: (each) => extent = this.integer(each, "an extent"),
          2: null, // its name
          3: null, // denotation
        });
        shape.push(extent);
        this.bound(shape, MOST_AXES);
      },
    });
    return shape;
  }

  valueInfo(field: Field): ValueInfo {
    const info: ValueInfo = { name: "", type: 0, shape: undefined };
    this.read("an input or output", field, {
      1: (each) => info.name = this.text(each, "a name"),
      2: (kind) =>
        this.read("a type", kind, {
          1: (tensor) =>
            this.read("a tensor's type", tensor, {
              1: (each) => info.type = this.integer(each, "a type"),
              2: (each) => info.shape = this.shape(each),
            }),
          4: null, // a sequence
          5: null, // a map
          6: null, // denotation
          7: null, // an opaque type
          8: null, // a sparse tensor
          9: null, // what may be absent
        }),
      3: null, // doc_string
      4: null, // metadata_props
    });
    return info;
  }

  graph(field: Field): Omit<OnnxModel, "opset"> {
    const nodes: Node[] = [];
    const tensors = new Map<string, StoredTensor>();
    const inputs: ValueInfo[] = [];
    const outputs: ValueInfo[] = [];
    this.read("the graph", field, {
      1: (each) => {
        nodes.push(this.node(each));
        this.bound(nodes, MOST_PARTS);
      },
      2: null, // its name
      5: (each) => {
        const tensor = this.tensor(each);
        if (tensors.has(tensor.name)) {
          this.refuse(
            `each weight must be there once: ${
              cleanText(tensor.name)
            } is there twice`,
          );
        }
        tensors.set(tensor.name, tensor);
        if (tensors.size > MOST_PARTS) this.bound([...tensors], MOST_PARTS);
      },
      10: null, // doc_string
      11: (each) => {
        inputs.push(this.valueInfo(each));
        this.bound(inputs, MOST_PARTS);
      },
      12: (each) => {
        outputs.push(this.valueInfo(each));
        this.bound(outputs, MOST_PARTS);
      },
      13: null, // shapes of what lies between
      14: null, // notes on quantisation
      15: () => this.refuse("weights must be stored whole: some are sparse"),
      16: null, // metadata_props
    });
    return { nodes, tensors, inputs, outputs };
  }

  model(bytes: Uint8Array<ArrayBuffer>): OnnxModel {
    let graph: Omit<OnnxModel, "opset"> | undefined;
    let opset = 0;
    this.read("it", { value: bytes }, {
      1: null, // ir_version
      2: null, // producer_name
      3: null, // producer_version
      4: null, // domain
      5: null, // model_version
      6: null, // doc_string
      7: (each) => {
        if (graph) this.refuse("it must hold one graph: it holds two");
        graph = this.graph(each);
      },
      8: (each) => {
        let [domain, version] = ["", 0];
        this.read("an opset", each, {
          1: (text) => domain = this.text(text, "a domain"),
          2: (count) => version = this.integer(count, "a version"),
        });
        if (domain === "" || domain === "ai.onnx") opset = version;
      },
      14: null, // metadata_props
      20: null, // how it is trained
      25: null, // functions, which are operators of other domains
      26: null, // configuration of devices
    });
    if (!graph) return this.refuse("it must hold a graph: it holds none");
    if (!(opset >= 1 && opset <= NEWEST_OPSET)) {
      this.refuse(
        `its operators must be of a version (opset) from 1 to ${NEWEST_OPSET}: found ${opset}`,
      );
    }
    return { opset, ...graph };
  }
}

/**
 * What an ONNX file says, `bytes`, before any of its numbers is read: its operators,
 * its weights where they lie, what goes in and what comes out.
 *
 * Throws a `SyntaxError` where it is none, or says what is not known here, and a
 * `RangeError` where it has more parts than any network needs. `source` is what errors
 * call the file.
 */
export function parseModel(
  bytes: Uint8Array<ArrayBuffer>,
  source: string,
): OnnxModel {
  return new Parser(source).model(bytes);
}
