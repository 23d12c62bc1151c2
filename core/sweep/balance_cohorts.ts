import type { StudentConfig } from "../distill/student_config.ts";

/**
 * What a step costs whatever its cohort's width, in hidden units: choosing, reading
 * and dropping features takes as long as training this many units on them.
 */
export const STEP_UNITS = 50;

/** A cut must shorten the whole by this share. */
const LEAST_GAIN = 0.05;

/** Hidden units of `students`. */
export function unitsOf(students: StudentConfig[]): number {
  return students.reduce((sum, { hidden }) => sum + hidden, 0);
}

/** What each worker gets to do when each takes the next largest once it is free. */
export function loadWorkers(
  cohorts: StudentConfig[][],
  workers: number,
): number[] {
  const loads = new Array<number>(Math.max(1, workers)).fill(0);
  const costs = cohorts.map((cohort) => STEP_UNITS + unitsOf(cohort));
  for (const cost of costs.toSorted((a, b) => b - a)) {
    loads[loads.indexOf(Math.min(...loads))] += cost;
  }
  return loads;
}

/** Two parts of `cohort` with about equally many units, each in its order. */
function halve<Student extends StudentConfig>(cohort: Student[]): Student[][] {
  const widest = [...cohort].sort((a, b) => b.hidden - a.hidden);
  const parts: [Set<Student>, Set<Student>] = [new Set(), new Set()];
  for (const student of widest) {
    const [a, b] = parts.map((part) => unitsOf([...part]));
    parts[a <= b ? 0 : 1].add(student);
  }
  return parts.map((part) => cohort.filter((student) => part.has(student)));
}

/** The plan with its largest cohort cut in two, the largest first. */
function cutLargest<Student extends StudentConfig>(
  [largest, ...rest]: Student[][],
): Student[][] {
  if (!largest || largest.length < 2) return [largest, ...rest];
  return [...halve(largest), ...rest]
    .sort((a, b) => unitsOf(b) - unitsOf(a));
}

/**
 * The cohorts, the largest first, as many of them cut in two as lets `workers`
 * workers be done the soonest.
 */
export function balanceCohorts<Student extends StudentConfig>(
  cohorts: Student[][],
  workers: number,
): Student[][] {
  let best = cohorts.toSorted((a, b) => unitsOf(b) - unitsOf(a));
  if (cohorts.length === 0) return best;
  const time = (plan: Student[][]) => Math.max(...loadWorkers(plan, workers));
  let plan = best;
  for (let cut = 0; cut < 2 * workers; cut++) {
    plan = cutLargest(plan);
    if (time(plan) <= (1 - LEAST_GAIN) * time(best)) best = plan;
  }
  return best;
}
