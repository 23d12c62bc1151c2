import type { PinnedPackage } from "../../files/fetch_package.ts";

/**
 * Packages that read files which most commands never meet: each is fetched when a first
 * such file is read, and is in no lock file that other commands install from.
 */
export const READER_PACKAGES = {
  /** libjpeg-turbo 3 as Wasm: JPEGs that are grey or in colours. */
  jpeg: {
    name: "@cornerstonejs/codec-libjpeg-turbo-8bit",
    version: "1.2.8",
    integrity:
      "sha512-qggTc0EAso+FAB4aND1wufjY/FnaVXKaJ/PAiabSksaAgf8jhCew+K3R4e3QWJI8SqcYczZFkhpVdFVwXG9ZgQ==",
    licence: "ISC",
  },
  /** JPEGs of four inks, which the package above leaves out. */
  inks: {
    name: "jpeg-js",
    version: "0.4.4",
    integrity:
      "sha512-WZzeDOEtTOBK4Mdsar0IqEU5sMr3vSV2RqkAIzUEV2BHnUfKGyswWFPFwK5EeDo93K3FohSHbLAjj0s1Wzd+dg==",
    licence: "BSD-3-Clause",
  },
  /** What a parquet file says of itself. */
  parquet: {
    name: "hyparquet",
    version: "1.33.0",
    integrity:
      "sha512-8EKLe73vRIMEKVEOe5y+kIzFxo6AvbLvd5ukd7P+yv3RvG0+TZM4qO8imbqxU6zds5pV+OeWRTMwy95mhHUheg==",
    licence: "MIT",
  },
} as const satisfies Record<string, PinnedPackage>;
