import { assert, assertEquals, assertRejects } from "@std/assert";
import { isRecord } from "../../../core/files/json.ts";
import { loadModel } from "../../../core/models/formats/load_model.ts";
import { serveFolder } from "./serve_folder.ts";
import { makeFolder } from "./tiny_folder.ts";

/** Loads a folder after `damage`, and expects a clear refusal. */
async function assertRefused(
  damage: (folder: string) => unknown,
  kind: new () => Error,
  message: string,
): Promise<void> {
  await using made = await makeFolder();
  await damage(made.folder);
  const error = await assertRejects(
    () => loadModel(made.folder),
    kind,
    message,
  );
  assert(/Cannot (load|read) /.test(`${error}`), `${error}`);
  assert(`${error}`.includes(made.folder), `${error}`);
}

/** Rewrites `model.json` after `change` of its first group of weights. */
function changeGroup(change: (group: Record<string, unknown>) => void) {
  return async (folder: string) => {
    const path = `${folder}/model.json`;
    const model = JSON.parse(await Deno.readTextFile(path));
    change(model.weightsManifest[0]);
    await Deno.writeTextFile(path, JSON.stringify(model));
  };
}

/** The same, of the first weight's entry. */
function changeEntry(change: Record<string, unknown>) {
  return changeGroup(({ weights }) => {
    if (Array.isArray(weights) && isRecord(weights[0])) {
      Object.assign(weights[0], change);
    }
  });
}

for (const file of ["model.json", "weights.bin"]) {
  Deno.test(`loadModel says so where ${file} is missing`, async () => {
    await assertRefused(
      (folder) => Deno.remove(`${folder}/${file}`),
      Deno.errors.NotFound,
      file,
    );
  });

  Deno.test(`loadModel says so where ${file} is a folder`, async () => {
    await assertRefused(
      async (folder) => {
        await Deno.remove(`${folder}/${file}`);
        await Deno.mkdir(`${folder}/${file}`);
      },
      TypeError,
      "it must be a file",
    );
  });

  Deno.test(`loadModel refuses a ${file} of a terabyte before it reads any of it`, async () => {
    await assertRefused(
      (folder) => Deno.truncate(`${folder}/${file}`, 2 ** 40),
      RangeError,
      "it has 1,099,511,627,776",
    );
  });
}

Deno.test("loadModel refuses weights that are cut off", async () => {
  await assertRefused(
    (folder) => Deno.truncate(`${folder}/weights.bin`, 100),
    SyntaxError,
    "they are 100",
  );
});

Deno.test("loadModel refuses weights that are followed by more", async () => {
  await assertRefused(
    (folder) =>
      Deno.writeFile(`${folder}/weights.bin`, Uint8Array.of(0), {
        append: true,
      }),
    RangeError,
    "it must have at most",
  );
});

for (
  const path of [
    "../weights.bin",
    "/etc/passwd",
    "a/b",
    "..",
    ".",
    "",
    ".hidden",
    "C:\\weights.bin",
    "..\\weights.bin",
    "%2e%2e%2fweights.bin",
    "weights.bin?x",
    "weights.bin#x",
    "weights.bin\n",
    "weights.bin\0",
    "file:///etc/passwd",
    "http://localhost/weights.bin",
    7,
    null,
    ["weights.bin"],
  ]
) {
  Deno.test(`loadModel refuses to read weights from ${JSON.stringify(path)}`, async () => {
    await assertRefused(
      changeGroup((group) => group.paths = [path]),
      SyntaxError,
      "weights must lie beside it under a plain file name",
    );
  });
}

for (
  const [what, change] of Object.entries({
    "int32 weights": { dtype: "int32" },
    "weights quantised to fewer bits": {
      quantization: { dtype: "uint4", min: 0, scale: 1 },
    },
    "weights quantised without a scale": {
      quantization: { dtype: "uint8", min: 0 },
    },
    "a weight without a shape": { shape: undefined },
    "a shape that is no list": { shape: 4 },
    "an extent of 0": { shape: [3, 3, 1, 0] },
    "a negative extent": { shape: [-3, -3, 1, 2] },
    "a fractional extent": { shape: [3, 3, 0.5, 4] },
    "an extent beyond what is exact": { shape: [3, 3, 1, 2 ** 60] },
    "a weight without a name": { name: undefined },
  })
) {
  Deno.test(`loadModel refuses ${what}`, async () => {
    await assertRefused(
      changeEntry(change),
      SyntaxError,
      "must be declared with a name and a shape of at most 8 axes, as float32",
    );
  });
}

for (const shape of [[3, 3, 2, 1], [18], [3, 3, 1, 2, 1]]) {
  Deno.test(`loadModel refuses the shape ${shape} where layers have another`, async () => {
    await assertRefused(
      changeEntry({ shape }),
      SyntaxError,
      "layer conv must have weights of shape [3, 3, 1, 2]",
    );
  });
}

Deno.test("loadModel refuses a weight too few, a weight too many, and no list", async () => {
  const change = (value: unknown) =>
    changeGroup((group) => group.weights = value);
  await assertRefused(
    change([]),
    SyntaxError,
    "its weights must hold conv/kernel: there is none",
  );
  await assertRefused(change({}), SyntaxError, "must have paths and weights");
  await assertRefused(
    changeGroup(({ weights }) => {
      if (Array.isArray(weights)) weights.push(weights[0]);
    }),
    SyntaxError,
    "conv/kernel must be there once",
  );
});

for (const text of ["", "{", "[]", "7", "null", '"model"', "\0\x01\x02"]) {
  Deno.test(`loadModel refuses ${JSON.stringify(text)} as model.json and as manifest.json`, async () => {
    for (const file of ["model.json", "manifest.json"]) {
      await using made = await makeFolder();
      await Deno.writeTextFile(`${made.folder}/${file}`, text);
      await assertRejects(() => loadModel(made.folder), SyntaxError, file);
    }
  });
}

Deno.test("loadModel refuses a model.json that lists no weights", async () => {
  await assertRefused(
    async (folder) => {
      const path = `${folder}/model.json`;
      const { modelTopology } = JSON.parse(await Deno.readTextFile(path));
      await Deno.writeTextFile(path, JSON.stringify({ modelTopology }));
    },
    SyntaxError,
    "it must list its weights",
  );
});

Deno.test("loadModel tells a server's missing file from its failure", async () => {
  await using made = await makeFolder();
  await using server = serveFolder(made.folder);
  await assertRejects(
    () => loadModel(`${server.url}/nowhere`),
    Deno.errors.NotFound,
    "there is none",
  );
  await assertRejects(
    () => loadModel(`${server.url}/broken`),
    Error,
    "the server answers 500",
  );
});

Deno.test("loadModel stops reading from a server that sends too much", async () => {
  await using made = await makeFolder();
  await using server = serveFolder(made.folder);
  const longer = new Uint8Array(10_000);
  await Deno.writeFile(`${made.folder}/weights.bin`, longer);
  const error = await assertRejects(
    () => loadModel(server.url),
    RangeError,
    "it must be at most",
  );
  assertEquals(`${error}`.includes(server.url), true);
});
