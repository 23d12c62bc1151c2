import type { Classification } from "../../../core/infer/classification.ts";
import { load } from "../../../core/infer/load.ts";
import type { TfjsPage } from "../../../web/components/draw/tfjs_page.ts";

/** A stand-in for tfjs whose models answer as the direct path does, and what became of them. */
export interface FakeTfjs {
  page: TfjsPage;
  /** What was asked of it, in order. */
  log: string[];
  /** Models that hold memory. */
  alive(): number;
  /** Loses the device. */
  lose(why: string): void;
}

/**
 * tfjs with these backends; `fails` makes its models' next answers fail, and
 * `overflows` makes their first logits −∞.
 */
export function fakeTfjs(
  { backends, fails = () => false, overflows = () => false }: {
    backends: ("webgpu" | "wasm")[];
    fails?: () => boolean;
    overflows?: () => boolean;
  },
): FakeTfjs {
  const log: string[] = [];
  let alive = 0;
  let loseDevice = (_why: Error) => {};
  return {
    log,
    alive: () => alive,
    lose: (why) => loseDevice(new Error(why)),
    page: {
      startPageBackend(choice) {
        log.push(`start ${choice}`);
        const wanted = choice === "auto" ? backends : [choice];
        const name = wanted.find((each) => backends.includes(each));
        if (!name) return Promise.reject(new Error(`there is no ${choice}`));
        const lost = new Promise<Error>((done) => loseDevice = done);
        const reason = `${name} it is`;
        return Promise.resolve({ name, adapter: null, reason, lost });
      },
      loadInPage(bytes) {
        log.push(`load ${bytes.length}`);
        const { spec, labels, classify } = load(bytes);
        alive++;
        const overflow = (answer: Classification) => {
          if (overflows()) answer.logits[0] = -Infinity;
          return answer;
        };
        return Promise.resolve({
          spec,
          labels,
          classify: (images) =>
            fails()
              ? Promise.reject(new Error("the device is gone"))
              : Promise.resolve(overflow(classify(images))),
          [Symbol.dispose]: () => alive--,
        });
      },
    },
  };
}
