import { findProgram } from "./chromium.ts";

const driver = findProgram("WebKitWebDriver");
const screen = findProgram("Xvfb");
const browser = findMiniBrowser();

/** Whether WebKitGTK, its driver and a screen for it were found. */
export const hasWebKit: boolean = driver !== null && screen !== null &&
  browser !== null;

/** The browser that Debian puts beside the library. */
function findMiniBrowser(): string | null {
  try {
    for (const { name: machine } of Deno.readDirSync("/usr/lib")) {
      const path = `/usr/lib/${machine}/webkit2gtk-4.1/MiniBrowser`;
      try {
        if (Deno.statSync(path).isFile) return path;
      } catch {
        // Not of this machine's kind: the next folder may have it.
      }
    }
  } catch {
    // No /usr/lib: no WebKitGTK of Debian's.
  }
  return null;
}

/** A page in WebKitGTK. */
export interface WebKitPage extends AsyncDisposable {
  goto(url: string): Promise<void>;
  /** What the body of a function gives, run in the page; it may be waited for. */
  evaluate(body: string): Promise<unknown>;
}

/** How long the driver may take to answer, in milliseconds: it waits for a browser that can't start. */
const PATIENCE = 120_000;

/** Asks the driver, by the protocol W3C WebDriver. */
async function command(
  address: string,
  { method = "POST", body = {} }: { method?: string; body?: unknown } = {},
): Promise<unknown> {
  const response = await fetch(address, {
    method,
    body: method === "POST" ? JSON.stringify(body) : undefined,
    signal: AbortSignal.timeout(PATIENCE),
  });
  const { value } = await response.json();
  if (response.ok) return value;
  throw new Error(`Cannot drive WebKit: ${JSON.stringify(value)}`);
}

/**
 * The name of a new screen, and the process that is it. That writes its number and
 * the end of the line one after the other, and dies of a pipe that closes between.
 */
async function openScreen(): Promise<[string, Deno.ChildProcess]> {
  const child = new Deno.Command(screen ?? "", {
    args: ["-displayfd", "1", "-screen", "0", "1280x900x24"],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let said = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    said += text;
    if (said.endsWith("\n")) return [`:${said.trim()}`, child];
  }
  throw new Error("Cannot start WebKit: Xvfb opened no screen");
}

/** A port that was free just now. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Waits until the driver listens. */
async function waitUntilReady(origin: string): Promise<void> {
  for (let attempt = 0;; attempt++) {
    try {
      await command(`${origin}/status`, { method: "GET" });
      return;
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((wake) => setTimeout(wake, 100));
    }
  }
}

/** Starts WebKitGTK with an empty profile, on a screen of its own. */
export async function openWebKit(): Promise<WebKitPage> {
  const [display, screenProcess] = await openScreen();
  const port = freePort();
  const home = await Deno.makeTempDir();
  const driverProcess = new Deno.Command(driver ?? "", {
    args: [`--port=${port}`],
    env: { DISPLAY: display, HOME: home, XDG_RUNTIME_DIR: home },
    stdout: "null",
    stderr: "null",
  }).spawn();
  const close = async () => {
    for (const child of [driverProcess, screenProcess]) {
      child.kill("SIGTERM");
      await child.status;
    }
    await Deno.remove(home, { recursive: true });
  };
  try {
    const origin = `http://127.0.0.1:${port}`;
    await waitUntilReady(origin);
    const options = { binary: browser, args: ["--automation"] };
    const capabilities = {
      alwaysMatch: { "webkitgtk:browserOptions": options },
    };
    const session = await command(`${origin}/session`, {
      body: { capabilities },
    }) as { sessionId: string };
    const address = `${origin}/session/${session.sessionId}`;
    return {
      async goto(url) {
        await command(`${address}/url`, { body: { url } });
      },
      evaluate: (script) =>
        command(`${address}/execute/sync`, { body: { script, args: [] } }),
      async [Symbol.asyncDispose]() {
        try {
          await command(address, { method: "DELETE" });
        } finally {
          await close();
        }
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
