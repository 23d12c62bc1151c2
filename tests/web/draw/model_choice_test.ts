import { assertEquals, assertRejects } from "@std/assert";
import { keepModelChoice } from "../../../web/components/draw/model_choice.ts";
import type { ModelFacts } from "../../../web/components/draw/model_facts.ts";
import { keepModelFiles } from "../../../web/components/draw/model_files.ts";
import { startPageRecogniser } from "../../../web/components/draw/page_recogniser.ts";
import { smallDram } from "../../core/infer/small_model.ts";

const dram = smallDram();

/** A model of the site. */
function facts(name: string): ModelFacts {
  return {
    name,
    file: `/models/${name}.dram`,
    bytes: dram.length,
    parameters: 160,
    test: 0.5,
  };
}

/** A choice whose files come when they are told to, by path. */
function slowChoice() {
  const arrive = new Map<string, (response: Response) => void>();
  const said: string[] = [];
  const recogniser = startPageRecogniser({
    importTfjs: () => Promise.reject(new Error("unused")),
    importForeign: () => import("../../../web/components/draw/open_foreign.ts"),
  });
  const choice = keepModelChoice({
    first: facts("first"),
    files: keepModelFiles((path) =>
      new Promise((done) => arrive.set(path, done))
    ),
    recogniser,
    say: (message) => said.push(message),
  });
  const send = (name: string, response = new Response(dram)) =>
    arrive.get(`/models/${name}.dram`)?.(response);
  /** Ends the worker of a model from elsewhere. */
  const end = () => recogniser.use(dram);
  return { choice, said, send, end };
}

Deno.test("a model is named when it is chosen, and runs when its file is here", async () => {
  const { choice, send } = slowChoice();
  const done = choice.choose(facts("a"));
  assertEquals([choice.chosen.value.name, choice.running.value], ["a", null]);
  send("a");
  await done;
  assertEquals(choice.running.value?.chosen, choice.chosen.value);
});

Deno.test("of two that are chosen the later one runs, however late the other comes", async () => {
  const { choice, send } = slowChoice();
  const both = [choice.choose(facts("a")), choice.choose(facts("b"))];
  send("b");
  await both[1];
  send("a");
  await both[0];
  assertEquals(choice.running.value?.chosen.name, "b");
});

Deno.test("a file that doesn't come leaves the model before, and the user hears of it", async () => {
  const { choice, said, send } = slowChoice();
  const first = choice.choose(facts("a"));
  send("a");
  await first;
  const second = choice.choose(facts("b"));
  send("b", new Response("no", { status: 503 }));
  await second;
  assertEquals(choice.chosen.value.name, "a");
  assertEquals(said, ["Cannot load /models/b.dram: the server answers 503"]);
});

Deno.test("a model from a link has its own facts, and no accuracy that anyone measured", async () => {
  const { choice, end } = slowChoice();
  const opened = choice.open(dram, "link", "");
  assertEquals(choice.opening.value?.source, "link");
  assertEquals([await opened, choice.opening.value], [true, null]);
  const { source, bytes, parameters, test } = choice.chosen.value;
  assertEquals({ source, bytes, parameters, test }, {
    source: "link",
    bytes: dram.length,
    parameters: 160,
    test: null,
  });
  assertEquals(choice.running.value?.dram, dram);
  end();
});

Deno.test("a hostile file changes nothing", async () => {
  const { choice } = slowChoice();
  const before = choice.chosen.value;
  await assertRejects(() => choice.open(dram.slice(1), "file", "x"), Error);
  assertEquals([choice.chosen.value, choice.running.value], [before, null]);
  assertEquals(choice.opening.value, null);
});

Deno.test("what is chosen, opened or stopped while a file is opened comes in its place", async () => {
  const { choice, send, end } = slowChoice();
  const first = choice.open(dram, "file", "first");
  const second = choice.open(dram, "file", "second");
  assertEquals([await first, await second], [false, true]);
  assertEquals(choice.running.value?.chosen.name, "second");
  const third = choice.open(dram, "file", "third");
  const chosen = choice.choose(facts("a"));
  send("a");
  assertEquals([await third, await chosen], [false, undefined]);
  assertEquals(choice.running.value?.chosen.name, "a");
  const fourth = choice.open(dram, "file", "fourth");
  choice.stop();
  assertEquals([await fourth, choice.opening.value], [false, null]);
  assertEquals(choice.running.value?.chosen.name, "a");
  end();
});
