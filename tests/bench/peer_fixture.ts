// A peer that does as its first argument says: answers, refuses, or dies.
const [behaviour] = Deno.args;
const say = (line: unknown) => console.log(JSON.stringify(line));
if (behaviour === "refuses") {
  say({ error: "no such device" });
  Deno.exit(0);
}
if (behaviour === "dies") {
  console.error("TypeError: it is broken\n    at this place");
  Deno.exit(1);
}
if (behaviour === "tells its variables") {
  const { OPENBLAS_CORETYPE, OMP_NUM_THREADS, NO_COLOR } = Deno.env.toObject();
  const adapter = JSON.stringify([
    OPENBLAS_CORETYPE,
    OMP_NUM_THREADS,
    NO_COLOR,
  ]);
  say({ version: "4.5.6", adapter, blas: "Abacus", threads: 3 });
} else say({ version: "4.5.6", adapter: "Beads" });
let runs = 0;
for await (
  const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())
) {
  for (const line of text.trim().split("\n")) {
    const { work, students } = JSON.parse(line);
    if (behaviour === "slows by students") {
      // The first run of a size, which prepares, is slow: it doesn't count.
      const prepares = runs++ % 4 === 0;
      say({ milliseconds: prepares ? 1000 : 10 + students.length });
    } else if (behaviour === "slows never") {
      say({ milliseconds: 10 });
    } else if (work === "cohort") say({ error: "it trains no cohorts" });
    else if (work === "sweep") Deno.exit(1);
    else say({ milliseconds: 10 + runs++ });
  }
}
