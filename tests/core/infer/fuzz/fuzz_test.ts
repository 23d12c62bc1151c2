import { assert, assertEquals } from "@std/assert";
import { randomStream } from "../../../../core/random/stream.ts";
import {
  mutateDecisions,
  readDecisions,
  writeDecisions,
  writeModel,
} from "./decisions.ts";
import { Inputs } from "./draw_input.ts";
import { drawModel } from "./draw_model.ts";
import { judge } from "./judge.ts";
import { runFuzz } from "./run_fuzz.ts";
import { UNBOUNDED } from "../write_dram.ts";

Deno.test("no file or link crashes the decoders, stops them, fills memory or passes for another model", () => {
  const report = runFuzz({ inputs: 4000, seed: 1 });
  assertEquals(report.violations, []);
  assertEquals(report.violationCount, 0);
  // The fuzzer gets where it should: to whole files, to links, and to many refusals.
  const { outcomes } = report;
  assert(outcomes.decoded > 800, JSON.stringify(outcomes));
  assert(outcomes["link: decoded"] > 100, JSON.stringify(outcomes));
  assert(Object.keys(outcomes).length > 30, JSON.stringify(outcomes));
  assertEquals(Object.keys(report.families).length, 6);
  assert(report.largest.value < 2 ** 28, JSON.stringify(report.largest));
});

Deno.test("a seed draws the same inputs, to the same outcomes", () => {
  const [one, other] = [0, 0].map(() => runFuzz({ inputs: 300, seed: 7 }));
  assertEquals(one.outcomes, other.outcomes);
  assertEquals(one.families, other.families);
});

Deno.test("a file's decisions write the file again, and changed ones another that is whole", () => {
  const random = randomStream(2, "decisions");
  let whole = 0;
  for (let i = 0; i < 50; i++) {
    const bytes = writeModel(random, drawModel(random));
    const decisions = readDecisions(bytes);
    const options = { draw: () => 0, budget: UNBOUNDED };
    assertEquals(writeDecisions(decisions, options).bytes, bytes);
    const changed = mutateDecisions(random, decisions, {
      other: decisions,
      most: 3,
    });
    const { model } = writeDecisions(changed, options);
    if (model) whole++;
  }
  assert(whole > 10, `${whole}`);
});

Deno.test("the judge sees a whole file that is refused, another model, and a lost link", () => {
  const random = randomStream(3, "judge");
  const options = { budget: UNBOUNDED, encode: true };
  const inputs = new Inputs(randomStream(4, "judge"));
  const written = () => {
    const decisions = readDecisions(writeModel(random, drawModel(random)));
    return writeDecisions(decisions, { draw: () => 0, budget: UNBOUNDED });
  };
  const [one, other] = [written(), written()];
  const family = "whole";
  assertEquals(judge({ family, ...one }, options).violation, undefined);
  const cut = { family, ...one, bytes: one.bytes.slice(0, -1) };
  assert(judge(cut, options).violation?.startsWith("it was refused"));
  const swapped = { family, bytes: one.bytes, model: other.model };
  assertEquals(judge(swapped, options).violation, "it answers otherwise");
  for (const link of ["#main", "#1yAA"]) {
    assert(judge({ family, link, dram: one.bytes }, options).violation);
  }
  assertEquals(judge(inputs.draw(), options).violation, undefined);
});
