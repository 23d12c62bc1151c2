import { signal } from "@preact/signals";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { keepModelChoice } from "../../../web/components/draw/model_choice.ts";
import { keepModelFiles } from "../../../web/components/draw/model_files.ts";
import { openFile } from "../../../web/components/draw/open_file.ts";
import { startPageRecogniser } from "../../../web/components/draw/page_recogniser.ts";
import { smallDram } from "../../core/infer/small_model.ts";

/** As much of a page's state as a file changes. */
function startState() {
  const message = signal<string | null>(null);
  const recogniser = startPageRecogniser({
    importTfjs: () => Promise.reject(new Error("unused")),
    importForeign: () => import("../../../web/components/draw/open_foreign.ts"),
  });
  const choice = keepModelChoice({
    first: { name: "a", file: "/a", bytes: 9, parameters: 3, test: 0.5 },
    files: keepModelFiles(fetch),
    recogniser,
    say: (text) => message.value = text,
  });
  /** Ends the worker of the file that was opened last. */
  const end = () => recogniser.use(smallDram());
  return { choice, message, end };
}

/** A file that takes its time to be read. */
class SlowFile extends File {
  override async arrayBuffer(): Promise<ArrayBuffer> {
    await new Promise((done) => setTimeout(done, 20));
    return super.arrayBuffer();
  }
}

Deno.test("a file's model runs, and an earlier message goes", async () => {
  const state = startState();
  state.message.value = "What was before can't be run here.";
  await openFile(state, new File([smallDram()], "mine.dram"));
  assertEquals(state.choice.chosen.value.name, "mine.dram");
  assertEquals(state.message.value, null);
  state.end();
});

Deno.test("a file that is no model is told by its name", async () => {
  const state = startState();
  await openFile(state, new File(["text"], "notes.txt"));
  assertMatch(state.message.value ?? "", /^notes\.txt can’t be run here/);
  assertEquals(state.choice.running.value, null);
});

Deno.test("of two files at once the later counts, whichever is read first", async () => {
  const state = startState();
  await Promise.all([
    openFile(state, new SlowFile([smallDram(1)], "first.dram")),
    openFile(state, new File([smallDram(2)], "second.dram")),
  ]);
  assertEquals(state.choice.chosen.value.name, "second.dram");
  await Promise.all([
    openFile(state, new SlowFile(["text"], "third.txt")),
    openFile(state, new File([smallDram(1)], "fourth.dram")),
  ]);
  assertEquals(state.choice.chosen.value.name, "fourth.dram");
  assertEquals(state.message.value, null);
  state.end();
});

Deno.test("a file's name is shown short, and what can't be seen of it written out", async () => {
  const state = startState();
  const name = `a\u202egpj\u0007${"x".repeat(500)}.dram`;
  await openFile(state, new File(["text"], name));
  const message = state.message.value ?? "";
  assertMatch(message, /^a\\u\{202e\}gpj\\u\{7\}x+… can’t be run here/);
  assert(message.length < 300, message);
  await openFile(state, new File([smallDram()], name));
  assert(state.choice.chosen.value.name.length <= 60);
  assert(!/\p{C}/u.test(state.choice.chosen.value.name));
  state.end();
});
