import { randomStream } from "../../core/random/stream.ts";
import type { Xoshiro128 } from "../../core/random/xoshiro128.ts";
import { describeCommit } from "../describe_commit.ts";
import { denoArguments } from "../cli/capture.ts";
import { killIfRunning } from "../kill_if_running.ts";
import { TORTURE_CASES, type TortureCase } from "./cases.ts";
import { makeFolder, makeSource, ROOT, writtenIn } from "./make_folder.ts";
import {
  compareSnapshots,
  findHalves,
  type Snapshot,
  takeSnapshot,
} from "./snapshot.ts";

/** Kills of one folder before a command may end there. */
const KILLS_A_ROUND = 4;

/** What a command's kills have come to. */
export interface CaseRecord {
  name: string;
  /** Its command line, in a folder that has what the case says (see cases.ts). */
  command: string;
  has: TortureCase["has"];
  /** What moments were drawn from: a run without a kill, and its changes of files. */
  undisturbed: { seconds: number; changes: number };
  /** Folders that a command was killed in until it was done. */
  rounds: number;
  /** Kills at a moment drawn from its time. */
  byTime: number;
  /** Kills right after a change of a file, drawn from all of them. */
  byChange: number;
  /** Kills after which it had nothing left to do. */
  afterEnd: number;
  /** What was wrong, each with its round. */
  violations: string[];
}

/** All that was found. */
export interface TortureRecord {
  date: string;
  /** Of the program. */
  commit: string;
  versions: { deno: string; v8: string };
  machine: { system: string; cores: number };
  seed: number;
  kills: number;
  seconds: number;
  violationCount: number;
  cases: CaseRecord[];
}

/** A run without a kill: what it leaves, how long it takes, how often it changes a file. */
interface Undisturbed {
  before: Snapshot;
  after: Snapshot;
  milliseconds: number;
  changes: number;
}

/** When to kill: after some time, or after so many changes of files. */
interface Moment {
  milliseconds: number;
  changes: number;
}

const NEVER: Moment = { milliseconds: Infinity, changes: Infinity };

/** Runs a command in `folder`, kills it at `moment`, and tells what it came to. */
async function runUntil(
  folder: string,
  each: TortureCase,
  moment: Moment,
) {
  const root = each.has.includes("own program") ? `${folder}/` : ROOT;
  const [run, ...rest] = denoArguments(`${root}cli/main.ts`, each.args);
  const watcher = Deno.watchFs(writtenIn(folder, each));
  const child = new Deno.Command(Deno.execPath(), {
    args: [run, "--config", `${root}deno.json`, ...rest],
    cwd: folder,
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let ended = false;
  let changes = 0;
  const kill = () => {
    if (!ended) killIfRunning(child);
    ended = true;
  };
  const timer = Number.isFinite(moment.milliseconds)
    ? setTimeout(kill, moment.milliseconds)
    : undefined;
  const watching = (async () => {
    for await (const { kind } of watcher) {
      if (kind !== "access" && ++changes >= moment.changes) kill();
    }
  })();
  const began = performance.now();
  const { code, signal, stderr } = await child.output();
  ended = true;
  const milliseconds = performance.now() - began;
  clearTimeout(timer);
  watcher.close();
  await watching;
  const text = new TextDecoder().decode(stderr);
  return { code, signal, stderr: text, milliseconds, changes };
}

/** Arguments as one types them. */
function quoteAll(args: readonly string[]): string {
  return args.map((each) => /[\s;*]/.test(each) ? `"${each}"` : each).join(" ");
}

/** Whether a command has done its work, now or in an earlier run. */
function isDone({ code, stderr }: { code: number; stderr: string }): boolean {
  return code === 0 || stderr.includes("or add --force");
}

/** Runs a case twice without a kill: the two must leave the same. */
async function runUndisturbed(
  source: string,
  each: TortureCase,
): Promise<Undisturbed> {
  const run = async () => {
    const folder = await makeFolder(source, each);
    const before = await takeSnapshot(writtenIn(folder, each));
    const outcome = await runUntil(folder, each, NEVER);
    if (outcome.code !== 0) {
      throw new Error(`Cannot torture ${each.name}: ${outcome.stderr}`);
    }
    const after = await takeSnapshot(writtenIn(folder, each));
    await Deno.remove(folder, { recursive: true });
    const { milliseconds, changes } = outcome;
    return { before, after, milliseconds, changes };
  };
  const [first, second] = [await run(), await run()];
  const different = compareSnapshots(second.after, first.after);
  if (different.length > 0) {
    throw new Error(
      `Cannot torture ${each.name}: two runs without a kill must leave the same: ${
        different.join("; ")
      }`,
    );
  }
  return second;
}

function drawMoment(
  random: Xoshiro128,
  { milliseconds, changes }: Undisturbed,
): Moment {
  return random.uniform() < 0.5 && changes > 0
    ? { ...NEVER, changes: 1 + Math.floor(random.uniform() * changes) }
    : { ...NEVER, milliseconds: random.uniform() * milliseconds };
}

/** One folder: kills, then the same command until it is done. Returns the number of kills. */
async function runRound(
  source: string,
  each: TortureCase,
  { undisturbed, random, most, record, onKill }: {
    undisturbed: Undisturbed;
    random: Xoshiro128;
    most: number;
    record: CaseRecord;
    onKill: () => void;
  },
): Promise<number> {
  const folder = await makeFolder(source, each);
  const note = (what: string) =>
    record.violations.push(
      `round ${record.rounds + 1}: ${
        what.replaceAll(folder, "FOLDER").replaceAll(ROOT, "")
      }`,
    );
  let kills = 0;
  for (let tries = 0; kills < most && tries < 3 * most; tries++) {
    const moment = drawMoment(random, undisturbed);
    const outcome = await runUntil(folder, each, moment);
    if (outcome.signal !== "SIGKILL") {
      if (!isDone(outcome)) {
        note(`exit code ${outcome.code}: ${outcome.stderr}`);
      }
      break;
    }
    kills++;
    record[Number.isFinite(moment.changes) ? "byChange" : "byTime"]++;
    (await findHalves(writtenIn(folder, each), undisturbed)).forEach(note);
    onKill();
  }
  const last = await runUntil(folder, each, NEVER);
  if (!isDone(last)) note(`exit code ${last.code}: ${last.stderr}`);
  if (last.code !== 0 && isDone(last)) record.afterEnd++;
  try {
    compareSnapshots(
      await takeSnapshot(writtenIn(folder, each)),
      undisturbed.after,
    )
      .forEach(note);
  } catch (error) {
    note(`${error}`);
  }
  record.rounds++;
  await Deno.remove(folder, { recursive: true });
  return kills;
}

/**
 * Kills every command that writes, by SIGKILL at moments drawn from `seed`, `kills`
 * times in all, and runs the same command again until it is done; then its files
 * must be those of a run without a kill (see {@linkcode takeSnapshot} for what of
 * each is compared), with nothing left over, and after no kill may one be half
 * (see {@linkcode findHalves}).
 */
export async function runTorture(
  { kills, seed, cases = TORTURE_CASES, onProgress }: {
    kills: number;
    seed: number;
    cases?: readonly TortureCase[];
    onProgress?: (done: number, now: CaseRecord) => void;
  },
): Promise<TortureRecord> {
  const began = performance.now();
  const commit = await describeCommit();
  const random = randomStream(seed, "torture");
  const source = await makeSource(cases);
  const records: CaseRecord[] = [];
  let done = 0;
  for (const [index, each] of cases.entries()) {
    const share = Math.floor(kills * (index + 1) / cases.length) - done;
    const undisturbed = await runUndisturbed(source, each);
    const record: CaseRecord = {
      name: each.name,
      command: `deno task ${quoteAll(each.args)}`,
      has: each.has,
      undisturbed: {
        seconds: Number((undisturbed.milliseconds / 1000).toFixed(1)),
        changes: undisturbed.changes,
      },
      ...{ rounds: 0, byTime: 0, byChange: 0, afterEnd: 0, violations: [] },
    };
    records.push(record);
    let left = share;
    // Where it ends before it is killed another round is begun.
    while (left > 0) {
      left -= await runRound(source, each, {
        ...{ undisturbed, random, record, most: Math.min(left, KILLS_A_ROUND) },
        onKill() {
          done++;
          onProgress?.(done, record);
        },
      });
    }
  }
  return {
    date: new Date().toISOString().slice(0, 10),
    commit,
    versions: { deno: Deno.version.deno, v8: Deno.version.v8 },
    machine: {
      system: `${Deno.build.os} ${Deno.build.arch}`,
      cores: navigator.hardwareConcurrency,
    },
    seed,
    kills: done,
    seconds: Math.round((performance.now() - began) / 1000),
    violationCount: records.flatMap(({ violations }) => violations).length,
    cases: records,
  };
}
