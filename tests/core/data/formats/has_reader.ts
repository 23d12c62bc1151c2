import { READER_PACKAGES } from "../../../../core/data/formats/reader_packages.ts";
import { fetchPackage } from "../../../../core/files/fetch_package.ts";

/** Whether the package of that reader is there, or can be fetched; tests without it are left out. */
export async function hasReader(
  name: keyof typeof READER_PACKAGES,
): Promise<boolean> {
  return await fetchPackage(READER_PACKAGES[name])
    .then(() => true, () => false);
}
