import {
  add,
  advance,
  countDown,
  countUp,
  get,
  i32,
  integers,
  lesser,
  multiply,
  parameters,
  range,
  set,
  shuffle,
  subtract,
  vectors,
} from "./text.ts";

/** Copies `left` numbers to `to`, and zeros after them up to `width`. */
const COPY_EDGE = `(func $copyEdge ${parameters("from", "left", "to", "width")}
  ${integers("i")}
  ${
  countUp(
    "number",
    "i",
    1,
    get("width"),
    `(f32.store ${add(get("to"), multiply(get("i"), i32(4)))}
      (if (result f32) (i32.lt_s ${get("i")} ${get("left")})
        (then (f32.load ${add(get("from"), multiply(get("i"), i32(4)))}))
        (else (f32.const 0))))`,
  )
})`;

/** Packs `count` rows from `from` on, for the k that `packAlong` has reached. */
function packSteps(width: number, count: number): string {
  const rows = range(count);
  const pointers = rows.map((row) => `s${row}`);
  const sliver = rows.flatMap((row) =>
    range(width / 4).map((vector) =>
      `(v128.store offset=${4 * width * row + 16 * vector} ${get("to")}
        (v128.load offset=${16 * vector} ${get(pointers[row])}))`
    )
  );
  const edge = rows.map((row) =>
    `(call $copyEdge ${get(pointers[row])} ${get("left")}
      ${add(get("to"), multiply(get("edge"), i32(4 * row)))} ${get("edge")})`
  );
  return `
    ${set("to", add(get("packed"), multiply(get("k"), i32(4 * width))))}
    ${
    pointers.map((pointer, row) =>
      set(pointer, add(get("from"), multiply(get("stride"), i32(row))))
    ).join("\n")
  }
    ${set("left", get("columns"))}
    ${
    countDown(
      `slivers${count}`,
      "left",
      width,
      [
        ...sliver,
        ...pointers.map((pointer) => advance(pointer, i32(4 * width))),
        advance("to", multiply(get("depth"), i32(4 * width))),
      ].join("\n"),
    )
  }
    (if ${get("left")} (then
      ${
    set(
      "edge",
      `(select (i32.const 4) ${i32(width)} (i32.le_s ${
        get("left")
      } (i32.const 4)))`,
    )
  }
      ${
    set(
      "to",
      add(
        get("to"),
        multiply(subtract(get("edge"), i32(width)), multiply(get("k"), i32(4))),
      ),
    )
  }
      ${edge.join("\n")}))
    ${advance("from", multiply(get("stride"), i32(count)))}
    ${advance("k", i32(count))}`;
}

/**
 * `along4` and `along8`: the matrix `[depth, columns]` at `from`, whose rows lie
 * `stride` bytes apart, cut into slivers of `width` columns, each
 * `[depth, width]`, one after another at `packed`. The last is filled with
 * zeros, and is four wide if that is enough.
 */
export function packAlong(width: 4 | 8): string {
  return `(func (export "along${width}")
    ${parameters("from", "stride", "depth", "columns", "packed")}
    ${integers("k", "to", "left", "edge", "steps", "s0", "s1", "s2", "s3")}
    ${set("steps", get("depth"))}
    ${countDown("four", "steps", 4, packSteps(width, 4))}
    ${countDown("one", "steps", 1, packSteps(width, 1))})`;
}

const QUAD = [0, 1, 2, 3];

/** Four rows from `s0`…`s3`, transposed, to `to`, with `pitch` bytes between k. */
const TRANSPOSE = `(func $transpose
  ${parameters("s0", "s1", "s2", "s3", "depth", "to", "pitch")}
  ${vectors("v0", "v1", "v2", "v3", "l0", "l1", "h0", "h1")}
  ${
  countDown(
    "quad",
    "depth",
    4,
    [
      ...QUAD.map((row) => set(`v${row}`, `(v128.load ${get(`s${row}`)})`)),
      ...[0, 1].flatMap((half) => {
        const pair = [get(`v${2 * half}`), get(`v${2 * half + 1}`)] as const;
        return [
          set(`l${half}`, shuffle(...pair, [0, 4, 1, 5])),
          set(`h${half}`, shuffle(...pair, [2, 6, 3, 7])),
        ];
      }),
      ...QUAD.flatMap((k) => {
        const half = k < 2 ? "l" : "h";
        const lanes = k % 2 === 0 ? [0, 1, 4, 5] : [2, 3, 6, 7];
        return [
          `(v128.store ${get("to")} ${
            shuffle(get(`${half}0`), get(`${half}1`), lanes)
          })`,
          advance("to", get("pitch")),
        ];
      }),
      ...QUAD.map((row) => advance(`s${row}`, i32(16))),
    ].join("\n"),
  )
}
  ${
  countDown(
    "one",
    "depth",
    1,
    [
      ...QUAD.flatMap((row) => [
        `(f32.store offset=${4 * row} ${get("to")} (f32.load ${
          get(`s${row}`)
        }))`,
        advance(`s${row}`, i32(4)),
      ]),
      advance("to", get("pitch")),
    ].join("\n"),
  )
})`;

/**
 * `across8`: the transpose of the matrix `[columns, depth]` at `from`, whose rows
 * lie `stride` bytes apart, packed as `along8` packs, but that numbers past the
 * last column repeat it.
 */
function packAcross(): string {
  const row = (index: number) => {
    const column = add(get("column"), i32(index));
    return add(
      get("from"),
      multiply(lesser(column, get("last")), get("stride")),
    );
  };
  const half = (first: number) =>
    `(call $transpose ${QUAD.map((index) => row(first + index)).join(" ")}
      ${get("depth")} ${add(get("packed"), i32(4 * first))} ${get("pitch")})`;
  return `(func (export "across8")
    ${parameters("from", "stride", "depth", "columns", "packed")}
    ${integers("column", "last", "pitch")}
    ${set("last", subtract(get("columns"), i32(1)))}
    ${
    countUp(
      "sliver",
      "column",
      8,
      get("columns"),
      `${
        set(
          "pitch",
          `(select (i32.const 32) (i32.const 16) (i32.gt_s ${
            subtract(get("columns"), get("column"))
          } (i32.const 4)))`,
        )
      }
      ${half(0)}
      (if (i32.eq ${get("pitch")} (i32.const 32)) (then ${half(4)}))
      ${advance("packed", multiply(get("depth"), get("pitch")))}`,
    )
  })`;
}

/** The functions that copy a matrix into the order in which tiles read it. */
export function packers(): string {
  return [COPY_EDGE, packAlong(4), packAlong(8), TRANSPOSE, packAcross()]
    .join("\n");
}
