import { assert, assertEquals, assertMatch } from "@std/assert";
import { mountSmallDisk, onSmallDisk } from "../small_disk.ts";
import {
  freshExperiment,
  readTrials,
  runIn,
  SWEEP,
  tinyExperiment,
} from "./tiny_experiment.ts";
import { readSearchTrials, SEARCH } from "./tiny_search.ts";

type Row = Record<string, unknown>;

/** A trial without the moment at which it was finished. */
function withoutTime(row: Row): Row {
  return { ...row, finished: undefined };
}

const CASES: {
  command: string;
  args: string[];
  file: string;
  read: (path: string) => Row[];
  /** kB that the study fits in, and the first state of a training doesn't. */
  room: number;
}[] = [
  {
    ...{ command: "sweep", args: SWEEP, file: "study.db" },
    ...{ read: readTrials, room: 300 },
  },
  {
    ...{ command: "search", args: SEARCH, file: "search.db" },
    ...{ read: readSearchTrials, room: 120 },
  },
];

for (const { command, args, file, read, room } of CASES) {
  Deno.test({
    ...onSmallDisk(
      `${command} fails no trial for want of room; with room the same command ends as if there had always been some`,
    ),
    async fn() {
      const folder = await freshExperiment();
      const line = [...args, "--study", "full"];
      await using disk = await mountSmallDisk(20_000);
      await Deno.symlink(disk.path, `${folder}/studies`);
      const ballast = `${disk.path}/ballast`;
      await Deno.writeFile(ballast, new Uint8Array((20_000 - room) * 1024));

      const full = await runIn(folder, line);
      assertEquals(full.code, 1, full.stderr);
      assertMatch(
        full.stderr,
        /Cannot (?:write|use the study) studies\/full\/\S+: the disk is full; free some space and run again\n$/,
      );
      assertEquals(full.stdout.includes("failed"), false, full.stdout);
      await Deno.remove(ballast);
      const path = `${folder}/studies/full/${file}`;
      for (const { state, error } of read(path)) {
        assertEquals([state, error], ["planned", null]);
      }

      const freed = await runIn(folder, line);
      assertEquals(freed.code, 0, freed.stderr);
      const found = read(path);
      assert(found.length > 0);

      const other = command === "sweep"
        ? await tinyExperiment()
        : await freshExperiment();
      const study = command === "sweep" ? "default" : "whole";
      const whole = await runIn(other, [...args, "--study", study]);
      assertEquals(whole.code, 0, whole.stderr);
      assertEquals(
        found.map(withoutTime),
        read(`${other}/studies/${study}/${file}`).map(withoutTime),
      );
    },
  });
}
