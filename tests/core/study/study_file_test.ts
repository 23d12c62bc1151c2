import { assert, assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { ensureStudy } from "../../../core/study/run_study.ts";
import { openStudy } from "../../../core/study/study.ts";
import { SWEEP_FORMAT } from "../../../core/study/study_format.ts";

const SETTING = {
  teacher: "",
  dataset: { name: "d", sha256: {}, split: { seed: 0, validation: 0 } },
  training: {},
};

const beginStudy = (path: string) => ensureStudy(path, SWEEP_FORMAT, SETTING);

/** Begins a study at `path`, and changes it by SQL. */
function changeStudy(path: string, statements: string): void {
  beginStudy(path)[Symbol.dispose]();
  using database = new DatabaseSync(path);
  database.exec(statements);
}

/** Lets `body` have a path in a folder of its own. */
function withPath(body: (path: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    body(`${folder}/study.db`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Expects both ways of opening to refuse the file, and to leave it as it is. */
function assertRefused(
  path: string,
  kind: new () => Error,
  message: string,
): void {
  const before = Deno.readFileSync(path);
  for (const open of [openStudy, beginStudy]) {
    const error = assertThrows(() => open(path), kind, message);
    assert(`${error}`.includes(`Cannot open ${path}: `), `${error}`);
  }
  assertEquals(Deno.readFileSync(path), before);
  const folder = path.replace(/[^/]*$/, "");
  assertEquals([...Deno.readDirSync(folder)].length, 1, "nothing beside it");
}

const NO_SQLITE: Record<string, string> = {
  "an empty file": "",
  "a text": "id,accuracy\n1,0.9\n",
  "fifteen bytes": "SQLite format 3",
  "SQLite of another format": "SQLite format 4\0" + "\0".repeat(4080),
};

for (const [name, content] of Object.entries(NO_SQLITE)) {
  Deno.test(`${name} is refused as no SQLite file`, () => {
    withPath((path) => {
      Deno.writeTextFileSync(path, content);
      assertRefused(path, SyntaxError, "it is no SQLite file");
    });
  });
}

Deno.test("another program's SQLite file is refused", () => {
  withPath((path) => {
    const other = new DatabaseSync(path);
    other.exec("CREATE TABLE trial (id INTEGER)");
    other.close();
    assertRefused(path, SyntaxError, "another program's SQLite file");
  });
});

Deno.test("a study of a newer version, or an older one, is refused", () => {
  for (const version of [2, 0]) {
    withPath((path) => {
      changeStudy(
        path,
        `PRAGMA journal_mode = DELETE; PRAGMA user_version = ${version}`,
      );
      assertRefused(
        path,
        Error,
        `its format must be version 1: it is ${version}`,
      );
    });
  }
});

Deno.test("a damaged study is refused: garbage, cut off, or without its tables", () => {
  withPath((path) => {
    const garbage = "SQLite format 3\0" + "x".repeat(5000);
    Deno.writeTextFileSync(path, garbage);
    assertRefused(path, SyntaxError, "file is not a database");
  });
  for (const length of [100, 4096, 5000]) {
    withPath((path) => {
      changeStudy(path, "PRAGMA journal_mode = DELETE");
      Deno.truncateSync(path, length);
      assertThrows(() => openStudy(path), SyntaxError, "malformed");
    });
  }
  withPath((path) => {
    changeStudy(path, "DROP TABLE curve");
    assertThrows(() => openStudy(path), SyntaxError, "no such table");
  });
});

Deno.test("a folder is refused", () => {
  withPath((path) => {
    Deno.mkdirSync(path);
    assertThrows(() => openStudy(path), Error, "it must be a file");
  });
});

Deno.test("a study whose folder is missing is not begun", () => {
  withPath((path) => {
    const missing = path.replace("study.db", "no/study.db");
    const error = assertThrows(() => beginStudy(missing));
    assert(`${error}`.includes("no"), `${error}`);
  });
});

Deno.test("a study is kept in a write-ahead log, with checked types and foreign keys", () => {
  withPath((path) => {
    {
      using study = beginStudy(path);
      const score = { loss: 0.1, accuracy: 0.1 };
      assertThrows(
        () =>
          study.recordEpochs(99, [
            { epoch: 1, training: score, validation: score },
          ]),
        Error,
        "FOREIGN KEY",
      );
    }
    using database = new DatabaseSync(path);
    const { journal_mode } = database.prepare("PRAGMA journal_mode").get() ??
      {};
    assertEquals(journal_mode, "wal");
    assertThrows(
      () =>
        database.exec(
          "INSERT INTO trial (hidden, dropout, loss, seed) VALUES ('six', 0.2, '{}', 1)",
        ),
      Error,
      "cannot store TEXT",
    );
  });
});
