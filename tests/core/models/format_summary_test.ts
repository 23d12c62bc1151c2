import { assertEquals } from "@std/assert";
import { modelCost } from "../../../core/models/cost.ts";
import { formatSummary } from "../../../core/models/format_summary.ts";
import { teacherSpec } from "../../../core/models/teacher.ts";

Deno.test("formatSummary prints the teacher as the Keras table does, numbers aligned right", () => {
  const text = formatSummary("teacher", modelCost(teacherSpec()));
  const rows = text.split("\n").map((line) => line.split(/ {2,}/));
  assertEquals(rows.slice(4, 13), [
    ["conv1 (conv2d 3×3 relu)", "26×26×32", "320", "86,528", "194,688"],
    ["conv2 (conv2d 3×3 relu)", "24×24×64", "18,496", "147,456", "10,616,832"],
    ["pool (maxPool2d 2×2)", "12×12×64", "0", "36,864", "0"],
    ["dropout1 (dropout 0.25)", "12×12×64", "0", "36,864", "0"],
    ["flatten (flatten)", "9216", "0", "36,864", "0"],
    ["dense1 (dense relu)", "128", "1,179,776", "512", "1,179,648"],
    ["dropout2 (dropout 0.5)", "128", "0", "512", "0"],
    ["logits (dense linear)", "10", "1,290", "40", "1,280"],
    ["softmax (softmax)", "10", "0", "40", "0"],
  ]);
  const table = text.split("\n").slice(1, 14);
  assertEquals(new Set(table.map((line) => line.length)).size, 1);
});
