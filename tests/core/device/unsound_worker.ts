/**
 * A worker whose device dies, or drops work, while it trains; for
 * unsound_device_test.ts.
 *
 * @module
 */
import { selectBackend } from "../../../core/device/select_backend.ts";
import { train } from "../../../core/train/train.ts";
import { serveTask } from "../../../core/workers/serve_task.ts";
import {
  deviceInUse,
  dieAt,
  dropFrom,
  interceptSubmissions,
} from "./unsound_device.ts";

serveTask<"dies" | "drops", never, void>(async (fault) => {
  // Not above: what arrives while a worker's modules wait is lost.
  const { tinyLearner } = await import("../train/tiny_digits.ts");
  await selectBackend("webgpu");
  interceptSubmissions(
    deviceInUse(),
    fault === "dies" ? dieAt(9) : dropFrom(9),
  );
  await train(tinyLearner(), {
    seed: 1,
    epochs: 2,
    batchSize: 50,
    patience: 10,
    optimiser: { kind: "adam" },
    schedule: { kind: "constant", rate: 0.03 },
  });
});
