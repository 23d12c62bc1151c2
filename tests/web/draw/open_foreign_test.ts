import { assert, assertEquals, assertRejects } from "@std/assert";
import { load } from "../../../core/infer/load.ts";
import { openForeign } from "../../../web/components/draw/open_foreign.ts";
import { startPageRecogniser } from "../../../web/components/draw/page_recogniser.ts";
import { smallDram } from "../../core/infer/small_model.ts";
import { fakeTfjs } from "./fake_tfjs.ts";

const image = Float32Array.from(
  { length: 784 },
  (_, i) => (i * 37 % 101) / 101,
);

const { signal: never } = new AbortController();

/** A worker that does what `code` says, and whether it was ended. */
function startCode(code: string) {
  const worker = new Worker(
    `data:text/javascript,${encodeURIComponent(code)}`,
    { type: "module" },
  );
  const state = { worker, isEnded: false };
  const terminate = worker.terminate.bind(worker);
  worker.terminate = () => {
    state.isEnded = true;
    terminate();
  };
  return state;
}

/** Opens at once, and is never heard of again. */
const OPENS = `onmessage = ({ data }) => data.kind === "open"
  ? postMessage({ opened: { labels: [], parameters: 1 } })
  : (() => { for (;;); })()`;

Deno.test("a model in a worker answers as it does in the page", async () => {
  const foreign = await openForeign(smallDram(), { signal: never });
  assertEquals(
    await foreign.classify(image),
    load(smallDram()).classify(image),
  );
  assertEquals(foreign.status.value.latencies.cpu.length, 1);
  foreign.stop();
  await assertRejects(() => foreign.classify(image), Error, "was stopped");
});

Deno.test("a worker that takes for ever to open a model is ended, and the user told", async () => {
  const stuck = startCode("for (;;);");
  await assertRejects(
    () =>
      openForeign(smallDram(), {
        signal: never,
        mostSeconds: 0.5,
        startWorker: () => stuck.worker,
      }),
    Error,
    "it must be ready, and answer, within 0.5 s",
  );
  assert(stuck.isEnded);
});

Deno.test("a worker that takes for ever to answer is ended, and every question after it refused", async () => {
  const stuck = startCode(OPENS);
  const foreign = await openForeign(smallDram(), {
    signal: never,
    mostSeconds: 5,
    startWorker: () => stuck.worker,
  });
  const answers = [foreign.classify(image), foreign.classify(image)];
  foreign.stop();
  for (const each of await Promise.allSettled(answers)) {
    assertEquals(each.status, "rejected");
  }
  assert(stuck.isEnded);
});

Deno.test("who stops an opening ends its worker at once, before it began too", async () => {
  const stop = new AbortController();
  const stuck = startCode("for (;;);");
  const opening = openForeign(smallDram(), {
    signal: stop.signal,
    startWorker: () => stuck.worker,
  });
  stop.abort();
  await assertRejects(() => opening, Error, "was stopped");
  assert(stuck.isEnded);
  const late = startCode("for (;;);");
  await assertRejects(
    () =>
      openForeign(smallDram(), {
        signal: stop.signal,
        startWorker: () => late.worker,
      }),
    Error,
    "was stopped",
  );
  assert(late.isEnded);
});

Deno.test("a worker that can't be loaded is told in words", async () => {
  const broken = startCode("throw new Error('no such script')");
  await assertRejects(
    () =>
      openForeign(smallDram(), {
        signal: never,
        startWorker: () => broken.worker,
      }),
    Error,
    "could not be loaded",
  );
});

Deno.test("bytes that are no model, and models that can't answer, are refused in words", async () => {
  const stop = { signal: never };
  await assertRejects(
    () => openForeign(new Uint8Array(9), stop),
    Error,
    "Cannot",
  );
});

Deno.test("what the user chose goes with a model into its worker, and comes back from there", async () => {
  const tfjs = fakeTfjs({ backends: ["wasm"] });
  const recogniser = startPageRecogniser({
    importTfjs: () => Promise.resolve(tfjs.page),
    importForeign: () => import("../../../web/components/draw/open_foreign.ts"),
  });
  recogniser.use(smallDram(1));
  recogniser.choose("cpu");
  await recogniser.open(smallDram(2), never);
  await recogniser.classify(image);
  assertEquals(
    recogniser.reason.value,
    "Chosen: plain TypeScript, without a GPU",
  );
  assertEquals(recogniser.latencies.value.cpu.length, 1);
  assertEquals(tfjs.log, [], "the page's own tfjs has nothing to do");
  recogniser.choose("wasm");
  assertEquals(recogniser.choice.value, "wasm");
  assertEquals(tfjs.log, []);
  recogniser.use(smallDram(1));
  for (let i = 0; i < 200 && recogniser.backend.value !== "wasm"; i++) {
    await new Promise((done) => setTimeout(done, 5));
  }
  assertEquals(recogniser.backend.value, "wasm");
  assertEquals(tfjs.log[0], "start wasm");
  recogniser.choose("cpu");
});
