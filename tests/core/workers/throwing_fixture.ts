/**
 * A worker that throws before it can be given a task.
 *
 * @module
 */
throw new Error("no such backend");
