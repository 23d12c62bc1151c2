import { explainSqliteError } from "../core/sweep/explain_sqlite_error.ts";

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

const DENO_FILE_ERROR =
  /\(os error \d+\)(?:: (\w+)(?: '(.*?)'(?: -> '(.*)')?)?)?$/;
const NODE_FILE_ERROR = /^E[A-Z]+: .*?, (\w+)(?: '(.*?)'(?: -> '(.*)')?)?$/;

/** What files are called while they are written, before they replace their namesake. */
const UNFINISHED = /\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

function codeOf(error: Error): string | undefined {
  return "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}

/** The line for an error of the file system, if `error` is one. */
function describeFileError(error: Error): string | undefined {
  const found = DENO_FILE_ERROR.exec(error.message) ??
    NODE_FILE_ERROR.exec(error.message);
  const why = RULES[codeOf(error) ?? ""];
  if (!found || !why) return undefined;
  const [, operation = "write", ...paths] = found;
  const path = paths.findLast((each) => each !== undefined) ?? "a file";
  const verb = UNFINISHED.test(path) ? "write" : VERBS[operation] ?? "read";
  return `Cannot ${verb} ${
    path.replace(UNFINISHED, "")
  }: ${why.rule}; ${why.remedy}`;
}

/**
 * One line that says what could not be done, why, and what to do about it.
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
  if (!(error instanceof Error)) return `Unexpected failure: ${String(error)}`;
  const explained = explainSqliteError(error, "study.db");
  if (explained !== error) return describeError(explained);
  const line = describeFileError(error) ??
    error.message.trim().replaceAll(/\s*\n\s*/g, " ");
  return line.startsWith("Cannot ")
    ? line
    : `Unexpected failure: ${error.name}: ${line}; --verbose shows where`;
}
