/** Whether the user asked for less to be loaded, where the browser tells. */
export function savesData(): boolean {
  const { connection } = navigator as Navigator & {
    connection?: { saveData?: boolean };
  };
  return connection?.saveData ?? false;
}
