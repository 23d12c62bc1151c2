// A worker of askTfjs, in which none of our kernels is registered.
import { serveTask } from "../workers/serve_task.ts";
import { answerByTfjs } from "./answer_by_tfjs.ts";

serveTask(answerByTfjs);
