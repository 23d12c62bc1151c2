import { type LoadedModel, loadModel } from "./formats/load_model.ts";

/** Where the repository keeps the teacher that it ships. */
export const SHIPPED_TEACHER: URL = new URL(
  "../../models/teacher/",
  import.meta.url,
);

/**
 * Loads the shipped teacher: MNIST, 1,199,882 parameters, `[n, 28, 28, 1]` with
 * pixels divided by 255 → `[n, 10]`. Works by path and by URL.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { loadShippedTeacher } from "./shipped_teacher.ts";
 *
 * assertEquals((await loadShippedTeacher()).bytes, 4_799_528);
 * ```
 */
export function loadShippedTeacher(): Promise<LoadedModel> {
  return loadModel(SHIPPED_TEACHER);
}
