import { assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";

const FIXTURE = fileURLToPath(new URL("search_fixture.ts", import.meta.url));

/** Searches in a process of its own, until it ends or is killed; gives the signal. */
async function run(path: string, ...last: number[]) {
  const { code, signal, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", FIXTURE, path, ...last.map(String)],
  }).output();
  if (signal === null) assertEquals(code, 0, new TextDecoder().decode(stderr));
  return signal;
}

/** Trials and curves of the study at `path`, all but times. */
function readRows(path: string) {
  using database = new DatabaseSync(path);
  return [
    database.prepare(
      `SELECT id, layers, bits, state, error, validation_accuracy,
        test_accuracy, hex(dram) AS dram FROM trial ORDER BY id`,
    ).all(),
    database.prepare("SELECT * FROM curve ORDER BY trial, epoch").all(),
  ];
}

Deno.test("a search that is killed between the saving of an epoch and its keeping ends with the curves of one that isn't", async () => {
  const folder = await Deno.makeTempDir();
  const [whole, killed] = [`${folder}/whole.db`, `${folder}/killed.db`];
  assertEquals(await run(whole), null);
  const rows = readRows(whole);
  assertEquals(rows.map(({ length }) => length), [2, 10]);
  // In the float part, in the quantised one, and in that of the second trial, which
  // goes on from the first one's.
  for (const [bits, epoch] of [[3, 2], [3, 4], [4, 5]]) {
    assertEquals(await run(killed, bits, epoch), "SIGKILL");
  }
  assertEquals(await run(killed), null);
  assertEquals(readRows(killed), rows);
  await Deno.remove(folder, { recursive: true });
});
