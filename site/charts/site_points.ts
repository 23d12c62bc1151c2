import { describeLoss } from "../../core/train/losses/losses.ts";
import { formatUnits } from "../../core/text/format_units.ts";

import type { CompactResult } from "../../core/search/search_result.ts";
import type { Estimate } from "../../core/study/estimate.ts";
import type { StudentGroup } from "../../core/sweep/result.ts";
import type { SiteModel, SiteStudy } from "../site_data.ts";
import type { SitePoint } from "./site_point.ts";

/** One measurement as an estimate of its own. */
function exactly(value: number): Estimate {
  return { mean: value, low: value, high: value };
}

/** What students that differ in their seed only have in common, as a key. */
function keyOf({ hidden, loss, dropout }: {
  hidden: number;
  loss: string;
  dropout: number;
}): string {
  const text = loss.toLowerCase().replace(/[^a-z0-9.]+/g, "-");
  return `hidden-${hidden}-${text.replace(/-$/, "")}-${dropout}`;
}

function listGroups({ groups, modelOfTrial }: SiteStudy): SitePoint[] {
  const models = new Map(
    modelOfTrial.students.map((each) => [keyOf(each), each.model]),
  );
  return groups.map((group) => ({
    key: keyOf(group),
    kind: "group",
    title: nameStudent(group),
    hidden: group.hidden,
    loss: group.loss,
    seeds: group.seeds,
    parameters: group.parameters,
    bytes: group.bytes,
    validation: group.validation,
    test: group.test,
    model: models.get(keyOf(group)) ?? null,
    note: null,
  }));
}

function nameStudent({ hidden, loss }: Pick<StudentGroup, "hidden" | "loss">) {
  return `${formatUnits(hidden)}, ${describeLoss(loss)}`;
}

/** The single students of groups that have several. */
function listStudents({ result, groups, modelOfTrial }: SiteStudy) {
  const several = new Set(
    groups.filter(({ seeds }) => seeds.length > 1).map(keyOf),
  );
  const named = new Map(
    modelOfTrial.students.map((each) => [
      `${keyOf(each)}-seed-${each.seed}`,
      each.model,
    ]),
  );
  return result.students.flatMap((student): SitePoint[] => {
    if (!several.has(keyOf(student))) return [];
    const key = `${keyOf(student)}-seed-${student.seed}`;
    return [{
      key,
      kind: "student",
      title: nameStudent(student),
      hidden: student.hidden,
      loss: student.loss,
      seeds: [student.seed],
      parameters: student.parameters,
      bytes: student.bytes,
      validation: exactly(student.accuracy.validation),
      test: exactly(student.accuracy.test),
      model: named.get(key) ?? null,
      note: null,
    }];
  });
}

/** What a file of the search is, in words. */
function nameTrial({ trial }: CompactResult): string {
  return `compact student ${trial} of the search`;
}

/** The files of the search, and all other files of the site but the teacher's. */
function listFiles(
  { search, modelOfTrial }: SiteStudy,
  models: readonly SiteModel[],
): SitePoint[] {
  const named = new Map(
    modelOfTrial.search.map(({ trial, model }) => [trial, model]),
  );
  const searched = (search?.trials ?? []).map((trial): SitePoint => {
    const model = models.find(({ name }) => name === named.get(trial.trial));
    // The file's own; the search scored it on a backend.
    const { accuracy } = model ?? trial;
    return {
      key: `search-${trial.trial}`,
      kind: "file",
      title: nameTrial(trial),
      hidden: null,
      loss: trial.loss,
      seeds: [trial.seed],
      parameters: trial.parameters,
      bytes: trial.bytes,
      validation: exactly(accuracy.validation),
      test: exactly(accuracy.test),
      model: model?.name ?? null,
      note: `${trial.layers}, ${trial.bits} bits a weight`,
    };
  });
  const inSearch = new Set(named.values());
  const others = models.filter(({ name, family }) =>
    family !== "teacher" && !inSearch.has(name)
  );
  return [
    ...searched,
    ...others.map((model): SitePoint => ({
      key: `file-${model.name}`,
      kind: "file",
      title: `${model.name}, ${model.title}`,
      hidden: model.hidden,
      loss: model.loss,
      seeds: model.seed === null ? [] : [model.seed],
      parameters: model.parameters,
      bytes: model.bytes,
      validation: exactly(model.accuracy.validation),
      test: exactly(model.accuracy.test),
      model: model.name,
      note: model.layers,
    })),
  ].sort((a, b) => a.bytes - b.bytes);
}

function listPublished({ published }: SiteStudy): SitePoint[] {
  return published.map((model, index) => ({
    key: `published-${index}`,
    kind: "published",
    title: model.name,
    hidden: null,
    loss: null,
    seeds: [],
    parameters: null,
    bytes: model.bytes,
    validation: null,
    test: exactly(model.accuracy),
    model: null,
    note: model.note,
  }));
}

function describeTeacher(
  { result }: SiteStudy,
  models: readonly SiteModel[],
): SitePoint {
  const { parameters, bytes, accuracy } = result.teacher;
  const model = models.find(({ family }) => family === "teacher");
  return {
    key: "teacher",
    kind: "teacher",
    title: "the teacher",
    hidden: null,
    loss: null,
    seeds: [],
    parameters,
    bytes,
    validation: exactly(accuracy.validation),
    test: exactly(accuracy.test),
    model: model?.name ?? null,
    note: null,
  };
}

/**
 * Every trial of a study as a point of the charts: the sweep's students as means
 * over seeds and one by one, `.dram` files, published models, the teacher.
 *
 * Of a group of one student the mean is all there is. `models` are those that the
 * site can run: each is a point by its file's length, beside the student that it was
 * made of.
 */
export function listSitePoints(
  study: SiteStudy,
  models: readonly SiteModel[],
): SitePoint[] {
  return [
    ...listGroups(study),
    ...listStudents(study),
    ...listFiles(study, models),
    ...listPublished(study),
    describeTeacher(study, models),
  ];
}
