import { describeLoss, isDistilled } from "../train/losses/losses.ts";
import type {
  StudentGroup,
  StudentResult,
  StudyDetails,
} from "../sweep/result.ts";

/** The students of one loss, one group a width. */
export interface Series {
  /** Name of the loss. */
  loss: string;
  /** The loss in words. */
  title: string;
  /** By hidden units, ascending; of several dropout rates the best on validation. */
  groups: StudentGroup[];
  /** The single students of those groups. */
  students: StudentResult[];
  /** Colour from Okabe and Ito's palette; readable on white and on near-black. */
  colour: string;
  /** Shape of its points, so that colour is not all that tells series apart. */
  symbol: "circle" | "diamond" | "square" | "triangle";
  /** That shape as a character, for a key. */
  glyph: string;
}

/** How the series of a chart look, in order; `glyph` is the symbol in a key. */
export const LOOKS = [
  { colour: "#0072b2", symbol: "circle", glyph: "●" },
  { colour: "#d55e00", symbol: "diamond", glyph: "◆" },
  { colour: "#009e73", symbol: "square", glyph: "■" },
  { colour: "#cc79a7", symbol: "triangle", glyph: "▲" },
] as const;

/**
 * The losses of `groups`, those that distil first.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { listLosses } from "./series.ts";
 *
 * const groups = [{ loss: "cross-entropy" }, { loss: "logit-mse" }];
 * assertEquals(listLosses(groups), ["logit-mse", "cross-entropy"]);
 * ```
 */
export function listLosses(groups: { loss: string }[]): string[] {
  return [...new Set(groups.map(({ loss }) => loss))].sort((a, b) =>
    Number(isDistilled(b)) - Number(isDistilled(a)) || (a < b ? -1 : 1)
  );
}

/** The series of a study, those that distil first. */
export function listSeries({ groups, result }: StudyDetails): Series[] {
  return listLosses(groups).map((loss, index): Series => {
    const best = new Map<number, StudentGroup>();
    for (const group of groups.filter((group) => group.loss === loss)) {
      const rival = best.get(group.hidden);
      if (!rival || group.validation.mean > rival.validation.mean) {
        best.set(group.hidden, group);
      }
    }
    return {
      loss,
      title: describeLoss(loss),
      groups: [...best.values()].sort((a, b) => a.hidden - b.hidden),
      students: result.students.filter((student) =>
        student.loss === loss &&
        student.dropout === best.get(student.hidden)?.dropout
      ),
      ...LOOKS[index % LOOKS.length],
    };
  });
}
