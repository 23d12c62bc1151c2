import { estimateMean } from "./estimate.ts";
import type { StudentGroup, StudentResult } from "./result.ts";

/**
 * Students grouped by all but their seed, from the smallest: mean accuracies
 * with 95% intervals over seeds.
 */
export function groupStudents(students: StudentResult[]): StudentGroup[] {
  const groups = Map.groupBy(
    students,
    ({ hidden, dropout, loss }) => JSON.stringify([hidden, dropout, loss]),
  );
  return [...groups.values()].map((members): StudentGroup => {
    const [{ hidden, dropout, loss, parameters, bytes, compression }] = members;
    return {
      hidden,
      dropout,
      loss,
      parameters,
      bytes,
      compression,
      seeds: members.map(({ seed }) => seed),
      validation: estimateMean(
        members.map(({ accuracy }) => accuracy.validation),
      ),
      test: estimateMean(members.map(({ accuracy }) => accuracy.test)),
    };
  }).toSorted((a, b) => a.parameters - b.parameters);
}
