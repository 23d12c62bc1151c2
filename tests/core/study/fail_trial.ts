import type { Study } from "../../../core/study/study.ts";
import type { StudyFormat } from "../../../core/study/study_format.ts";

/** Begins the planned trial `id`, and records that it has failed, and why. */
export function failTrial(
  study: Study<StudyFormat>,
  { id }: { id: number },
  error: string,
): void {
  study.begin([id]);
  study.close([id], "failed", error);
}
