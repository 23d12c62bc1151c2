import axe from "axe-core";
import type { Page } from "playwright-core";

/** What axe-core found, one a line: "rule: element: how to fix it". */
interface Found {
  violations: string[];
}

/**
 * What in `page`, as it is now, breaks a rule of accessibility that axe-core
 * checks (WCAG 2.2 at A and AA, and best practice). It runs in a world of its own,
 * beside the page's scripts and outside its content security policy.
 */
export async function findViolations(page: Page): Promise<string[]> {
  const devtools = await page.context().newCDPSession(page);
  const { frameTree } = await devtools.send("Page.getFrameTree");
  const { executionContextId } = await devtools.send(
    "Page.createIsolatedWorld",
    { frameId: frameTree.frame.id, worldName: "axe" },
  );
  const run = async (expression: string) => {
    const { result, exceptionDetails } = await devtools.send(
      "Runtime.evaluate",
      {
        expression,
        contextId: executionContextId,
        awaitPromise: true,
        returnByValue: true,
      },
    );
    if (exceptionDetails) {
      throw new Error(`Cannot run axe-core: ${exceptionDetails.text}`);
    }
    return result.value;
  };
  await run(`${axe.source}; undefined`);
  const { violations }: Found = await run(`axe.run().then((result) => ({
    violations: result.violations.flatMap((rule) =>
      rule.nodes.map((node) =>
        rule.id + ": " + node.target.join(" ") + ": " + node.failureSummary))
  }))`);
  await devtools.detach();
  return violations;
}
