import { SHIPPED_TEACHER } from "../../core/models/shipped_teacher.ts";
import { diagnose } from "../../core/train/diagnose.ts";
import { defineCommand } from "../command.ts";
import {
  type DoctorReport,
  formatDiagnosis,
  problemOf,
} from "../terminal/format_diagnosis.ts";
import { inspectMnist, inspectTeacher } from "./inspect_files.ts";

export const command = defineCommand({
  name: "doctor",
  about:
    "Checks what everything else stands on: the WebGPU adapter, every backend's\nresults against the CPU backend's, MNIST's hashes, the shipped teacher. Fails if\nany is wrong, or if the backend asked for by --backend can't be used.",
  examples: ["doctor", "doctor --backend webgpu --json"],
  options: {},
  async run({ backend }, io) {
    const data = await inspectMnist();
    const teacher = await inspectTeacher(SHIPPED_TEACHER);
    const diagnosis = await diagnose();
    const { backends, adapterProblem } = diagnosis;
    const problems = [
      ...backends.map(problemOf),
      data.problem,
      teacher.problem,
    ].filter((problem) => typeof problem === "string");
    if (backend !== "auto" && backends.every(({ name }) => name !== backend)) {
      problems.push(`${backend}: ${adapterProblem}`);
    }
    const report: DoctorReport = { ...diagnosis, data, teacher, problems };
    io.print(formatDiagnosis(report, io.colours));
    io.printJson(report);
    if (problems.length > 0) {
      throw new Error(`Cannot rely on this setup: ${problems.join("; ")}`);
    }
  },
});
