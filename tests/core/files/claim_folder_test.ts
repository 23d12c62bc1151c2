import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  ClaimedError,
  claimFolder,
  claimPath,
} from "../../../core/files/claim_folder.ts";
import {
  openTemporary,
  removeLeftovers,
} from "../../../core/files/temporary_file.ts";
import { ensureStudy } from "../../../core/study/run_study.ts";
import { SWEEP_FORMAT } from "../../../core/study/study_format.ts";

const OPTIONS = { command: "test" };
const UUID = "01234567-89ab-4cde-8f01-23456789abcd";

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

/** A process that claims `path` and begins a file there; it has by the time this returns. */
async function startHolder(kind: "folder" | "path", path: string) {
  const fixture = new URL("claim_fixture.ts", import.meta.url).pathname;
  const holder = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", fixture, kind, path],
    stdout: "piped",
  }).spawn();
  const reader = holder.stdout.getReader();
  await reader.read();
  return {
    pid: holder.pid,
    async kill() {
      holder.kill("SIGKILL");
      await holder.status;
      await reader.cancel();
    },
  };
}

Deno.test("a second process is refused what one has claimed, told which, until that is killed; what it left goes", async () => {
  const folder = await Deno.makeTempDir();
  for (const kind of ["folder", "path"] as const) {
    const path = kind === "folder" ? `${folder}/model` : `${folder}/small.dram`;
    const claim = kind === "folder" ? claimFolder : claimPath;
    const holder = await startHolder(kind, path);
    try {
      const error = await assertRejects(
        () => claim(path, OPTIONS),
        ClaimedError,
      );
      assertEquals(
        error.message,
        `Cannot write ${path}: only one command may at a time: hold (process ${holder.pid}) is writing it; wait for that to end, or name another`,
      );
      // What a living process writes stays.
      const place = kind === "folder" ? path : folder;
      await removeLeftovers(place);
      assertEquals(namesIn(place).filter((n) => n.endsWith(".tmp")).length, 1);
    } finally {
      await holder.kill();
    }
    using taken = await claim(path, { command: "hold" });
    assertEquals(taken.continues, true);
    const left = namesIn(kind === "folder" ? path : folder);
    assertEquals(left.filter((name) => name.endsWith(".tmp")), []);
  }
  for (const end of ["whole", "killed"]) {
    const holder = end === "killed" &&
      await startHolder("folder", `${folder}/model`);
    if (holder) await holder.kill();
    // Not of one that ended by itself, nor of another command.
    using taken = await claimFolder(`${folder}/model`, OPTIONS);
    assertEquals(taken.continues, false);
  }
  assertEquals(namesIn(folder), ["model"]);
  assertEquals(namesIn(`${folder}/model`), []);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("what a check refuses has not begun, and what a killed command had begun there is still its own", async () => {
  const folder = await Deno.makeTempDir();
  const lock = `${folder}/.retort-lock`;
  const refuse = (begun: string) => ({
    ...OPTIONS,
    async check(continues: boolean) {
      assertEquals(continues, false);
      // A kill at this moment would leave it so.
      assertEquals(await Deno.readTextFile(lock), begun);
      throw new Error("it exists already");
    },
  });
  await assertRejects(() => claimFolder(folder, refuse("")), Error, "exists");
  assertEquals(namesIn(folder), []);
  await Deno.writeTextFile(lock, "1234567 hold\n");
  await assertRejects(
    () => claimFolder(folder, refuse("1234567 hold\n")),
    Error,
    "exists",
  );
  using taken = await claimFolder(folder, { command: "hold" });
  assertEquals(taken.continues, true);
});

Deno.test("at no moment of a claim that goes on is it forgotten what had begun", async () => {
  const folder = await Deno.makeTempDir();
  const lock = `${folder}/.retort-lock`;
  const { write, truncate } = Deno.FsFile.prototype;
  for (const moment of ["before the write", "before the truncation"]) {
    await Deno.writeTextFile(lock, `${"9".repeat(20)} hold\n`);
    const kept = Promise.withResolvers<string>();
    const keep = () => {
      kept.resolve(Deno.readTextFileSync(lock));
      return Promise.reject(new Error("as if killed"));
    };
    if (moment === "before the write") Deno.FsFile.prototype.write = keep;
    else Deno.FsFile.prototype.truncate = keep;
    try {
      (await claimFolder(folder, { command: "hold" }))[Symbol.dispose]();
    } finally {
      Object.assign(Deno.FsFile.prototype, { write, truncate });
    }
    await Deno.writeTextFile(lock, await kept.promise);
    using taken = await claimFolder(folder, { command: "hold" });
    assertEquals(taken.continues, true, moment);
  }
});

Deno.test("of many who claim at once, one at a time has it", async () => {
  const path = `${await Deno.makeTempDir()}/model`;
  let holders = 0;
  let taken = 0;
  await Promise.all(Array.from({ length: 40 }, async (_, index) => {
    await new Promise((wake) => setTimeout(wake, index % 7));
    try {
      using _claim = await claimFolder(path, OPTIONS);
      assertEquals(++holders, 1);
      await new Promise((wake) => setTimeout(wake, index % 3));
      holders--;
      taken++;
    } catch (error) {
      if (!(error instanceof ClaimedError)) throw error;
    }
  }));
  assert(taken > 0);
  assertEquals(namesIn(path), []);
});

Deno.test("a lock that another removes before it is taken is none: the next is taken", async () => {
  const folder = await Deno.makeTempDir();
  const { tryLock } = Deno.FsFile.prototype;
  Deno.FsFile.prototype.tryLock = function (exclusive) {
    Deno.FsFile.prototype.tryLock = tryLock;
    Deno.removeSync(`${folder}/.retort-lock`);
    return tryLock.call(this, exclusive);
  };
  try {
    using _claim = await claimFolder(folder, OPTIONS);
    await assertRejects(() => claimFolder(folder, OPTIONS), ClaimedError);
  } finally {
    Deno.FsFile.prototype.tryLock = tryLock;
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a claim removes leftovers with their journals, in the folders right below too, and nobody else's files", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/plots/deep`, { recursive: true });
  const left = [
    `model.json.${UUID}.tmp`,
    `study.db.${UUID}.tmp`,
    `study.db.${UUID}.tmp-journal`,
    `gone.db.${UUID}.tmp-wal`,
    `plots/a.svg.${UUID}.tmp`,
  ];
  const others = [
    "a.tmp",
    `${UUID}.tmp`,
    `note.${UUID}.txt`,
    `model.json.${UUID}.tmp.old`,
    `plots/deep/b.${UUID}.tmp`,
    "study.db-journal",
  ];
  for (const name of [...left, ...others]) {
    await Deno.writeTextFile(`${folder}/${name}`, "x");
  }
  await Deno.mkdir(`${folder}/folder.${UUID}.tmp`);
  using held = openTemporary(`${folder}/held`);
  using _claim = await claimFolder(folder, OPTIONS);
  const exists = (name: string) =>
    Deno.stat(`${folder}/${name}`).then(() => true, () => false);
  for (const name of left) assertEquals(await exists(name), false, name);
  for (const name of others) assertEquals(await exists(name), true, name);
  assertEquals(await exists(`folder.${UUID}.tmp`), true);
  assertEquals(held.file.statSync().isFile, true);
  assertEquals((await Deno.stat(held.path)).isFile, true);
});

Deno.test("a claim of a file leaves the leftovers of others beside it", async () => {
  const folder = await Deno.makeTempDir();
  for (const name of ["small.dram", "small.json", "large.dram"]) {
    await Deno.writeTextFile(`${folder}/${name}.${UUID}.tmp`, "x");
  }
  using _claim = await claimPath(`${folder}/small.dram`, OPTIONS);
  assertEquals(namesIn(folder).filter((name) => name.endsWith(".tmp")), [
    `large.dram.${UUID}.tmp`,
  ]);
});

Deno.test("a study that is being made is held by its maker, and leaves nothing", () => {
  const folder = Deno.makeTempDirSync();
  ensureStudy(`${folder}/study.db`, SWEEP_FORMAT, {
    teacher: "",
    dataset: { name: "d", sha256: {}, split: { seed: 0, validation: 0 } },
    training: {},
  })[Symbol.dispose]();
  assertEquals(namesIn(folder), ["study.db"]);
});
