import { constants } from "node:os";
import { explainSqliteError } from "../../core/study/explain_sqlite_error.ts";
import { cleanText, escapeUnseen } from "../../core/text/clean_text.ts";

interface Rule {
  /** What is wrong. */
  rule: string;
  /** What to do about it. */
  remedy: string;
}

const RULES: Readonly<Record<string, Rule>> = {
  ENOENT: {
    rule: "there is no such file or folder",
    remedy: "check the path",
  },
  EACCES: {
    rule: "permission is denied",
    remedy: "choose a path that you may use, or change its permissions",
  },
  EPERM: {
    rule: "the system does not permit it",
    remedy: "choose a path that you may use, or change its permissions",
  },
  EROFS: { rule: "the disk is read-only", remedy: "choose another folder" },
  ENOSPC: { rule: "the disk is full", remedy: "free some space and run again" },
  EDQUOT: {
    rule: "your share of the disk is used up",
    remedy: "free some space and run again",
  },
  ENOTDIR: {
    rule: "a part of the path is a file, not a folder",
    remedy: "check the path",
  },
  EISDIR: { rule: "it is a folder", remedy: "name a file" },
  EEXIST: { rule: "it exists already", remedy: "choose another name" },
  ENOTEMPTY: { rule: "it is not empty", remedy: "choose another folder" },
  ENAMETOOLONG: {
    rule: "the name is too long",
    remedy: "choose a shorter one",
  },
  EMFILE: {
    rule: "too many files are open",
    remedy: "raise the limit with `ulimit -n`",
  },
  EIO: { rule: "the disk has failed", remedy: "check it, or choose another" },
  ELOOP: {
    rule: "its symbolic links lead in a circle",
    remedy: "name the file or folder itself",
  },
  ENXIO: {
    rule: "it is a socket or a device that nothing serves",
    remedy: "name a file",
  },
  ENODEV: {
    rule: "it is a device of another kind than this needs",
    remedy: "name a file",
  },
  EBUSY: { rule: "something else is using it", remedy: "run again later" },
  ETXTBSY: {
    rule: "it is a program that is running",
    remedy: "choose another name",
  },
  EXDEV: {
    rule: "its two ends lie on different disks",
    remedy: "choose another folder",
  },
  EFBIG: {
    rule: "it is larger than the disk's format allows",
    remedy: "choose another folder",
  },
  ENFILE: {
    rule: "the whole system has too many files open",
    remedy: "close some programs and run again",
  },
  ENOMEM: {
    rule: "there is too little memory",
    remedy: "close some programs and run again",
  },
  EINVAL: {
    rule: "the system takes no such path, or no such use of it",
    remedy: "check the path",
  },
  ESTALE: {
    rule: "the network's disk has lost it",
    remedy: "check the path and run again",
  },
};

/** What an operation does to a file, where it does not read it. */
const VERBS: Readonly<Record<string, string>> = {
  writefile: "write",
  write: "write",
  copy: "write",
  rename: "write",
  truncate: "write",
  tmpdir: "write",
  mkdir: "make folder",
  remove: "remove",
  unlink: "remove",
  open: "open",
};

/** Characters of a line, and what is kept of a longer one's two ends. */
const LONGEST = { line: 1000, start: 600, end: 300 };

/** How V8 begins to tell of a slip in the code, though as we do. */
const SLIP =
  /^Cannot (?:(?:read|set) propert|(?:create|define|delete|redefine) property|convert |access '|destructure |assign to |mix |perform |use 'in')/;

const DENO_FILE_ERROR =
  /\(os error \d+\)(?:: (\w+)(?: '(.*?)'(?: -> '(.*)')?)?)?$/s;
const NODE_FILE_ERROR = /^E[A-Z]+: .*?, (\w+)(?: '(.*?)'(?: -> '(.*)')?)?$/s;

/** What files are called while they are written, before they replace their namesake. */
const UNFINISHED = /\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

function codeOf(error: Error): string | undefined {
  if ("code" in error && typeof error.code === "string") return error.code;
  // Deno knows some codes only by their number, which is each system's own.
  const number = Number(/\(os error (\d+)\)/.exec(error.message)?.[1]);
  return Object.entries(constants.errno).find(([, each]) => each === number)
    ?.[0];
}

/** The line for an error of the file system, if `error` is one. */
function describeFileError(error: Error): string | undefined {
  const found = DENO_FILE_ERROR.exec(error.message) ??
    NODE_FILE_ERROR.exec(error.message);
  if (!found) return undefined;
  const why = RULES[codeOf(error) ?? ""] ?? {
    rule: `the system says "${error.message.split(/ \(|: /, 1)[0]}"`,
    remedy: "check the path",
  };
  const [, operation = "write", ...paths] = found;
  const path = paths.findLast((each) => each !== undefined) ?? "a file";
  const verb = UNFINISHED.test(path) ? "write" : VERBS[operation] ?? "read";
  return `Cannot ${verb} ${
    path.replace(UNFINISHED, "")
  }: ${why.rule}; ${why.remedy}`;
}

/** `message` as one short line that a terminal shows as it is. */
function toLine(message: string): string {
  const { line, start, end } = LONGEST;
  const join = (text: string) => text.trim().replaceAll(/\s*\n\s*/g, " ");
  if (message.length <= line) return cleanText(join(message), { length: line });
  // What was given is long: the beginning names it, the end has the rule.
  const last = escapeUnseen(join(message.slice(-end))).slice(-end);
  return `${
    cleanText(join(message.slice(0, start)), { length: start })
  }…${last}`;
}

/**
 * One line that says what could not be done, why, and what to do about it; what
 * came from a file or a name is clean and short in it.
 *
 * The file system's errors get the path and a remedy, SQLite's a remedy; all
 * other errors their own message; one that is not ours (it doesn't begin with "Cannot") is said to
 * be unexpected.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describeError } from "./describe_error.ts";
 *
 * const error = await Deno.readFile("/no/such").catch((error) => error);
 * assertEquals(
 *   describeError(error),
 *   "Cannot read /no/such: there is no such file or folder; check the path",
 * );
 * ```
 */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) {
    return `Unexpected failure: ${toLine(String(error))}`;
  }
  const explained = explainSqliteError(error, "study.db");
  if (explained !== error) return describeError(explained);
  const line = toLine(describeFileError(error) ?? error.message);
  return line.startsWith("Cannot ") && !SLIP.test(line)
    ? line
    : `Unexpected failure: ${error.name}: ${line}; --verbose shows where`;
}
