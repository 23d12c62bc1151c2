import { assertEquals } from "@std/assert";
import { loadEncoded } from "../../core/infer/load.ts";
import { chooseStudentBits } from "../../site/encode_students.ts";
import { quantiseStudent } from "../../site/quantise_student.ts";
import { makeBars, makeBarsTeacher } from "../core/bars.ts";

const { validation } = makeBars();
const { spec, weights } = await makeBarsTeacher();
const labels = ["stands", "lies", "leans"];
const choose = (accuracies: number[]) =>
  chooseStudentBits(
    accuracies.map((validation) => ({ spec, weights, validation })),
    { validation, labels },
  );

/** Share of validation images that the model has right with `bits`. */
function accuracyAt(bits: number): number {
  const model = loadEncoded(
    quantiseStudent({ spec, weights }, { bits, labels }),
  );
  const { classes } = model.classify(validation.images);
  return classes.filter((answer, image) => answer === validation.labels[image])
    .length / validation.count;
}

Deno.test("a student gets the fewest bits that keep its validation accuracy", async () => {
  const tried = [3, 4, 5, 6, 8];
  // As if it had been better in float32 by an image or two, and out of reach.
  const asked = [0, 0.5, 22 / 24, 23 / 24, 1, 2];
  const expected = asked.map((accuracy) =>
    tried.find((bits) => accuracyAt(bits) >= accuracy - 0.001) ?? 8
  );
  assertEquals(
    await choose(asked),
    expected.map((bits) =>
      quantiseStudent({ spec, weights }, { bits, labels })
    ),
  );
  assertEquals(expected.at(-1), 8);
});

Deno.test("no student is no work", async () => {
  assertEquals(await choose([]), []);
});
