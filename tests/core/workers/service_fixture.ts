/**
 * A worker for start_service_test.ts: it multiplies by what it is set up with.
 *
 * @module
 */
import { serveRequests } from "../../../core/workers/serve_requests.ts";

serveRequests<number, number, number>((factor) => {
  if (factor === 0) throw new RangeError("Cannot multiply: by nothing");
  return Promise.resolve((value) => {
    if (value === 13) {
      setTimeout(() => {
        throw new Error("out of luck");
      });
    }
    if (value < 0) throw new RangeError("Cannot multiply: less than nothing");
    return Promise.resolve(value * factor);
  });
});
