import type { BackendDiagnosis, Diagnosis } from "../../core/train/diagnose.ts";
import type { Colours } from "./colours.ts";
import { alignColumns } from "./help_text.ts";
import type { DataState, TeacherState } from "../commands/inspect_files.ts";

/** All that `doctor` found. */
export interface DoctorReport extends Diagnosis {
  data: DataState;
  teacher: TeacherState;
  /** What must be put right; none if all is well. */
  problems: string[];
}

/** The largest error of a self-test, and of what. */
function worstOf({ selfTest }: BackendDiagnosis) {
  return selfTest?.quantities.reduce((a, b) => b.error > a.error ? b : a);
}

/** What is wrong with a backend; `undefined` if nothing. */
export function problemOf(backend: BackendDiagnosis): string | undefined {
  const { name, problem, selfTest } = backend;
  if (problem !== null) return `${name}: ${problem}`;
  if (selfTest?.passed) return undefined;
  const worst = worstOf(backend);
  return worst
    ? `${name}: its self-test failed, ${worst.name} is off by ${
      worst.error.toPrecision(2)
    }`
    : `${name}: it was not tested`;
}

function showBackend(
  backend: BackendDiagnosis,
  { green, red }: Colours,
): [string, string] {
  const problem = problemOf(backend);
  const { name, rates } = backend;
  if (problem) return [name, red(problem.slice(name.length + 2))];
  const error = worstOf(backend)?.error.toExponential(1);
  const parts = [green(`self-test passed (largest error ${error})`)];
  if (rates) {
    parts.push(
      `matrix product ${rates.matMulGflops.toPrecision(3)} GFLOP/s`,
      `convolution ${rates.conv2dGflops.toPrecision(3)} GFLOP/s`,
    );
  }
  return [name, parts.join(", ")];
}

function showAdapter({ adapter, adapterProblem }: Diagnosis): string[] {
  if (!adapter) return [`  none: ${adapterProblem}`];
  const { description, vendor, architecture, device, fallback } = adapter;
  const name = description || [vendor, architecture, device].join(" ").trim();
  return [
    `  ${name} (${fallback ? "software" : "hardware"})`,
    `  features: ${adapter.features.join(", ")}`,
    ...alignColumns(
      Object.entries(adapter.limits).map(([limit, value]) =>
        [limit, value.toLocaleString("en-US")] as const
      ),
    ),
  ];
}

function showData(
  { name, train, test, sha256, problem }: DataState,
  { red }: Colours,
): string[] {
  if (problem) return [`  ${name}: ${red(problem)}`];
  return [
    `  ${name}: ${train} images to learn from, ${test} to test, all hashes right`,
    ...alignColumns(Object.entries(sha256)),
  ];
}

function showTeacher(
  { present, parameters, sha256, problem }: TeacherState,
  { red }: Colours,
): string {
  if (problem) return `  ${red(problem)}`;
  if (!present) return "  none shipped; `deno task train` makes one";
  return `  ${parameters?.toLocaleString("en-US")} parameters, ${sha256}`;
}

/** What `doctor` prints for a person. */
export function formatDiagnosis(
  report: DoctorReport,
  colours: Colours,
): string {
  const { bold, red, green } = colours;
  const rows = report.backends.map((each) => showBackend(each, colours));
  return [
    bold("Versions"),
    `  Deno ${report.deno}, tfjs ${report.tfjs}`,
    bold("WebGPU adapter"),
    ...showAdapter(report),
    bold("Backends"),
    ...alignColumns(rows),
    `  auto takes ${report.selected.reason}`,
    bold("Data"),
    ...showData(report.data, colours),
    bold("Teacher"),
    showTeacher(report.teacher, colours),
    report.problems.length > 0
      ? red(`${report.problems.length} to put right`)
      : green("All is well"),
  ].join("\n");
}
