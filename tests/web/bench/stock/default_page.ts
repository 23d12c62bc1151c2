/** The script of a page with `@tensorflow/tfjs` as it comes. */
import { classifyDigit } from "./classify_digit.ts";

await classifyDigit();
