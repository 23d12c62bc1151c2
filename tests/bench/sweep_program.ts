// Pretends to be the command line: what `sweep --json` would print; or it fails.
const [command, json, , backend, behaviour, study] = Deno.args;
if (command !== "sweep" || json !== "--json") Deno.exit(2);
if (behaviour === "fails") {
  console.error("retort: Cannot sweep: no students");
  Deno.exit(1);
}
/** Those of the study: one alone, 36 together, else two. */
function studentsOf(study: string | undefined): { hidden: number }[] {
  if (study?.startsWith("alone")) return [{ hidden: 16 }];
  if (study === "together") return new Array(36).fill({ hidden: 6 });
  return [{ hidden: 1 }, { hidden: 6 }];
}

await Deno.writeTextFile("study.db", "in its own folder");
await new Promise((wake) => setTimeout(wake, 300));
console.log(JSON.stringify({
  backend: { name: backend, adapter: null },
  dataset: { train: 256 },
  students: studentsOf(study),
}));
