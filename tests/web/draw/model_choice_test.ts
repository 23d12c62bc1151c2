import { assertEquals, assertThrows } from "@std/assert";
import { keepModelChoice } from "../../../web/components/draw/model_choice.ts";
import type { ModelFacts } from "../../../web/components/draw/model_facts.ts";
import { keepModelFiles } from "../../../web/components/draw/model_files.ts";
import { startRecogniser } from "../../../web/components/draw/recogniser.ts";
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
  const choice = keepModelChoice({
    first: facts("first"),
    files: keepModelFiles((path) =>
      new Promise((done) => arrive.set(path, done))
    ),
    recogniser: startRecogniser(() => Promise.reject(new Error("unused"))),
    say: (message) => said.push(message),
  });
  const send = (name: string, response = new Response(dram)) =>
    arrive.get(`/models/${name}.dram`)?.(response);
  return { choice, said, send };
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

Deno.test("a model from a link has its own facts, and no accuracy that anyone measured", () => {
  const { choice } = slowChoice();
  choice.open(dram, "link", "");
  const { source, bytes, parameters, test } = choice.chosen.value;
  assertEquals({ source, bytes, parameters, test }, {
    source: "link",
    bytes: dram.length,
    parameters: 160,
    test: null,
  });
  assertEquals(choice.running.value?.dram, dram);
});

Deno.test("a hostile file changes nothing", () => {
  const { choice } = slowChoice();
  const before = choice.chosen.value;
  assertThrows(() => choice.open(dram.slice(1), "file", "x"), SyntaxError);
  assertEquals([choice.chosen.value, choice.running.value], [before, null]);
});
