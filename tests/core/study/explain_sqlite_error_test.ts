import { assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { explainSqliteError } from "../../../core/study/explain_sqlite_error.ts";

/** What is said of the error with which SQLite refuses `work` on `path`. */
function explain(path: string, work: (database: DatabaseSync) => void): string {
  const error = assertThrows(() => {
    using database = new DatabaseSync(path);
    work(database);
  });
  return String(explainSqliteError(error, "s.db"));
}

const FULL =
  `PRAGMA max_page_count = 1; CREATE TABLE a (b); CREATE TABLE c (d)`;

Deno.test("explainSqliteError says what keeps a study from being used", () => {
  const folder = Deno.makeTempDirSync();
  assertEquals(
    explain(`${folder}/full.db`, (database) => database.exec(FULL)),
    "Error: Cannot use the study s.db: the disk is full; free some space and run again",
  );
  assertEquals(
    explain(`${folder}/none/s.db`, () => {}),
    "Error: Cannot use the study s.db: it, or its folder, can't be opened; change its permissions or choose another folder",
  );
  const path = `${folder}/whole.db`;
  {
    using database = new DatabaseSync(path);
    database.exec("CREATE TABLE a (b)");
    database.exec("BEGIN EXCLUSIVE");
    assertEquals(
      explain(path, (second) => second.exec("INSERT INTO a VALUES (1)")),
      "Error: Cannot use the study s.db: another program is using it; close that and run again",
    );
  }
  assertEquals(
    explain(path, () => {
      using database = new DatabaseSync(path, { readOnly: true });
      database.exec("INSERT INTO a VALUES (1)");
    }),
    "Error: Cannot use the study s.db: it, or its folder, is read-only; choose another folder",
  );
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("explainSqliteError quotes SQLite where the file is damaged", () => {
  const path = Deno.makeTempFileSync();
  Deno.writeTextFileSync(
    path,
    "no database, but longer than a header".repeat(9),
  );
  assertEquals(
    explain(path, (database) => database.exec("CREATE TABLE a (b)")),
    'SyntaxError: Cannot open s.db: it must be a study that SQLite can read and write: "file is not a database"; bring back a copy of it, or choose another name with --study',
  );
  Deno.removeSync(path);
});
