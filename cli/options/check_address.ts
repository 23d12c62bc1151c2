/**
 * Throws where a server can't listen at an address of this machine: before the
 * site is built, and with what to do about it.
 */
export function checkAddress(hostname: string, port: number): void {
  const fail = (rule: string, remedy: string): never => {
    throw new Error(`Cannot serve on ${hostname}:${port}: ${rule}; ${remedy}`);
  };
  try {
    Deno.listen({ hostname, port }).close();
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      fail("something listens there already", "choose another --port");
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      fail("ports below 1024 are the system's", "choose a higher --port");
    }
    fail("it is no address of this machine", "choose another --host");
  }
}
