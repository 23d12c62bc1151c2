// A worker of proveOriginal, in which none of our kernels is registered.
import { serveTask } from "../workers/serve_task.ts";
import { answerOriginal } from "./answer_original.ts";

serveTask(answerOriginal);
