import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { readFile } from "node:fs/promises";
import { describeError } from "../../cli/terminal/describe_error.ts";
import { writeAtomically } from "../../core/files/write_atomically.ts";

/** What is said of the error that `work` ends with. */
async function describe(work: () => Promise<unknown>): Promise<string> {
  return describeError(await assertRejects(work));
}

Deno.test("describeError names a missing file and what to check", async () => {
  const line =
    "Cannot read /no/such: there is no such file or folder; check the path";
  assertEquals(await describe(() => Deno.readFile("/no/such")), line);
  assertEquals(
    await describe(() => readFile("/no/such")), // Node's, not Deno's
    line.replace("read", "open"),
  );
});

Deno.test("describeError names the file that was to be written, not the one beside it", async () => {
  const folder = await Deno.makeTempDir();
  assertEquals(
    await describe(() => writeAtomically(`${folder}/none/report.html`, "")),
    `Cannot write ${folder}/none/report.html: there is no such file or folder; check the path`,
  );
  await Deno.mkdir(`${folder}/report.html`);
  assertEquals(
    await describe(() => writeAtomically(`${folder}/report.html`, "")),
    `Cannot write ${folder}/report.html: it is a folder; name a file`,
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("describeError says what stands in a path's way", async () => {
  const file = await Deno.makeTempFile();
  assertEquals(
    await describe(() => Deno.mkdir(`${file}/inside`)),
    `Cannot make folder ${file}/inside: a part of the path is a file, not a folder; check the path`,
  );
  assertEquals(
    await describe(() => Deno.mkdir(file)),
    `Cannot make folder ${file}: it exists already; choose another name`,
  );
  await Deno.remove(file);
});

Deno.test({
  name: "describeError names what is no file: a circle of links, a socket",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir();
    await Deno.symlink("loop", `${folder}/loop`);
    for (const path of [`${folder}/loop`, `${folder}/loop/in`]) {
      assertEquals(
        await describe(() => Deno.readFile(path)),
        `Cannot read ${path}: its symbolic links lead in a circle; name the file or folder itself`,
      );
    }
    using _socket = Deno.listen({
      transport: "unix",
      path: `${folder}/socket`,
    });
    assertEquals(
      await describe(() => Deno.readFile(`${folder}/socket`)),
      `Cannot read ${folder}/socket: it is a socket or a device that nothing serves; name a file`,
    );
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test("describeError tells what the system says where it knows no better", () => {
  assertEquals(
    describeError(new Error("Odd trouble (os error 4095): open '/a'")),
    'Cannot open /a: the system says "Odd trouble"; check the path',
  );
});

Deno.test("describeError takes no slip in the code for a message of ours", () => {
  const slips = [
    () => Reflect.get(JSON.parse("null"), "x"),
    () => JSON.parse("null").x,
    () => Object.keys(JSON.parse("null")),
    () => JSON.parse("null").x = 1,
    () => Object.freeze([1]).concat().with(3, 1),
  ];
  for (const slip of slips) {
    const error = assertThrows(slip);
    assertMatch(describeError(error), /^Unexpected failure: (Type|Range)Error/);
  }
});

Deno.test("describeError gives one short, clean line, whose end has the rule", () => {
  const long = "x".repeat(1e6);
  const line = describeError(new Error(`Cannot use ${long}: it must be short`));
  assertMatch(line, /^Cannot use x{100,}….*x: it must be short$/);
  assert(line.length < 1000);
  assertEquals(
    describeError(new Error("Cannot use \u001b[2J\u202e\n it\u009b: no")),
    "Cannot use \\u{1b}[2J\\u{202e} it\\u{9b}: no",
  );
});

Deno.test("describeError manages where the system names no path", async () => {
  assertEquals(
    await describe(() => Deno.makeTempDir({ dir: "/no/such" })),
    "Cannot write a file: there is no such file or folder; check the path",
  );
});

Deno.test({
  name: "describeError names a full disk and what to do (Linux: /dev/full)",
  ignore: Deno.build.os !== "linux",
  async fn() {
    assertEquals(
      await describe(() => Deno.writeTextFile("/dev/full", "text")),
      "Cannot write /dev/full: the disk is full; free some space and run again",
    );
    using file = await Deno.open("/dev/full", { write: true });
    assertEquals(
      await describe(() => file.write(Uint8Array.of(1))),
      "Cannot write a file: the disk is full; free some space and run again",
    );
  },
});

Deno.test({
  name: "describeError names what may not be written (Linux: /sys)",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const line = await describe(() => Deno.writeTextFile("/sys/retort", ""));
    const rule = line.slice("Cannot write /sys/retort: ".length).split(";")[0];
    const rules = ["permission is denied", "the disk is read-only"];
    assertEquals([rules.includes(rule), line.split("\n").length], [true, 1]);
  },
});

Deno.test("describeError gives our own errors as they are", () => {
  const message = "Cannot load a dataset: it must hold labels: there are none";
  assertEquals(describeError(new Deno.errors.NotFound(message)), message);
});

Deno.test("describeError says of an error not ours that it is unexpected, in one line", () => {
  assertEquals(
    describeError(new TypeError("x is undefined\n  at once")),
    "Unexpected failure: TypeError: x is undefined at once; --verbose shows where",
  );
  assertEquals(describeError("thrown text"), "Unexpected failure: thrown text");
});
