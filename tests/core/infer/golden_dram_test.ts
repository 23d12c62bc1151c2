import { assertEquals } from "@std/assert";
import { encodeDram } from "../../../core/compress/code/encode_dram.ts";
import { crc32 } from "../../../core/infer/crc32.ts";
import { decodeDram } from "../../../core/infer/decode_dram.ts";
import { decodeTensor } from "../../../core/infer/decode_tensor.ts";
import { decodeLinkText } from "../../../core/infer/link_text.ts";

/** A file as link text, how many weights it holds, and the CRC-32 of those as float32s. */
interface Golden {
  what: string;
  link: string;
  weights: number;
  checksum: number;
  /** Whether today's writer finds a shorter way. */
  long?: boolean;
}

// Files that must be read for good. Source of the checksums of version 1: a decoder in
// Python that was written after DRAM.md alone; of versions 2 to 4: what was encoded.
const FILES: Golden[] = [
  {
    what: "two convolutions of 4 bits, mostly zeros, on pooled images",
    link:
      "1yCN71fZORJuBk3IjduEHwkrT7ieQX-8FIKWoVO7xQcMmniRb4tQ53sQn6EdS-8PmDU017ynPK_PtAhD_GoAb4IyYHzNnZwgiY72iucSkeFjcp8K-g-AVhcu8iZxfdcp0Wfhn4arPlCaLpSeaVcGRkw9t_dMXI1cU5l-MKUVlZ1IoNwwM4w6unTjwdpA",
    weights: 830,
    checksum: 0xc7635793,
  },
  {
    what: "three convolutions of 2 bits",
    link:
      "1yEqVZ0Qijlf_Ko_sEjnxPzKTXfX0_DqMUGKeIUIH7Rmbnx-S38gaRsqNqyIq5IBIqZh6-F308qJCCz25uaGOasycVJDT7JvxG1qsrpH5oohd2N42J95ay1_V4qoRni3CKPvsXxc8NZyELg54rdiiSsAd8qOUt6MMasfHUoOrKoxg334Nj3G_C9b7HQ27YfnGHkxWR-ak1G3uQXwSIv80T1r2dHgI5wgouwHzWjhlJpo3u3NoV0-XBxkusUnVzvIO_uUOenLThDSL3IAyTYXkfD_xPtm3vujzvlEURs-P-6yaAUchAmuM_0n8Nb5sgu6Xpat9exQ7MWCwnc8aa2OQ_ry7Rv-D8vcHp8Fzxr4CwRcub7fFpUonTFq5ql1GUbMawk8IDh_ONk1Tg",
    weights: 2130,
    checksum: 0x7e69c447,
  },
  {
    what: "tensors stored as Deep Compression does",
    link:
      "1yDlHghNr-iLfWwq5_en78gT1Nmsen78gTUge5en78gSzzXGen78gSTGPTen78gRyZHgen78gRRr_ten78gQ9DXvRnJlGJ_gwVSkZHnrHaPJ5te6ATstJhHaL1mbhXSqPEjn7IPG2atAskawQO0tAzuZhTGiUGKNKNr2XurGpTp0tpBH43Mr2W65NcWVX_mbGbP9EKf16Ksf9aETMqoVGXf-NsOPIsRvJQfhrHPtgCLj-pulfPM9IKZTXGLcyKsynMxXN7WmZTXKRNzzhYDm5Tc0Cya7Jo_o5U70L-5JzSmyurSFxw",
    weights: 63,
    checksum: 0x728ac63b,
    long: true,
  },
  {
    what:
      "version 2: residual layers of 3 bits on images and rows, one in another",
    link:
      "10FQwsK_YzE-QIc4F5n9sl4dITYnvDcT5Dee12d2LIRd02h7A13kKKyYjpGm6i_81aC4nUjLAugDh-truuAjL828ngSuegK8fSgN4Ham-u4XRTqyxsQ5YQHmZFoefFDwRklsFGfIRLch5Lm4kJP9rmShCs6ODkW_hEI7cFWHARMv51KpwWabaR2kCWU5W038wtLBBCLVkuVPaZPkn0D88QopQ847aTf0ai3KPE_M1-1_To-ad2Ua4t1xs-KCvX46B-eb-vNlAxJO7LDyRpyTiaKs7NRMd1o1nP7R0GoVhy_RTy17NGEwrnmuov_txOmYCyn8d9N-yao9_UpVySFqc7wTbGB_-s_ue5Yzhqa5gw9Oxs2zInc0svxkXMLDwNMz8riXJ8xDR5CR0mb7X2e2yPCNHeZaCMyITQyK4lhwh38GhpkFsYTGClJJF7Yq8MPW",
    weights: 963,
    checksum: 0x19956869,
  },
  {
    what: "version 3: odd windows, a global maximum, and each activation",
    link:
      "12G2GLrKbT0Mvi4RAx1GH31TEaLD6_KsCYvuvQodhKf8s42Sm6mFlQ7SeXEwYmJXQvIsCnM8NQA9StgOCHLNixIRWJ5HH2QHwGPVwBF1iK-ciPOGtVV6TWfOe3VdeWrG1TDAkk2ifFn7_2qfNyNsIl_McNTaU3ErVbLrNImfnP_dfQa05YHvx77ikAfD3xU4YzazlCXBO36IvQE7I0gsvS9xet8l5FSHfc832srCkceR2MkHFCr7UVt_Ta10Sh914MbWoE4G8kTRh7O13_J_NHQH_qbUFxQ9s5yrkwZDkRcGd2jsHBtFizgjjpjef8yhS8yBE0wp6zwnB63lMLFU0vUqzxsQEvvgoLdXP6eqVdzMjV42tWN0bdG27y6QZFOr5H3e2rm0gcI_H3W562ZwDlmHXZZOY0v1sOfLngPIS2qm20mgN84D98_dC-Bv450H0fhQoNpLqjN1OkInx_X1bJFv2VKPcL_rlB6LwI3t-AYjrhqXZU_wwhKzK-LftCKmL0voEV_ZNoy6SCcwUucLnOeC8mPUbofhGQbHM2hukosiabLiwdj0g3SqJ0oTqIDJkECaUe98",
    weights: 1111,
    checksum: 0x7690c9d8,
  },
  {
    what: "version 4: a model of integers of 3 bits",
    link:
      "14MSBVrFQziMfj3OwtW1Z3qAo_dKL5MV5jOFwikShN5xdmyFmBT_hFejFLqxrX-nzLxiaO-g_4_xk52igZXGQRhmrf2peMjRvodMmV85h_NQSlStRtah_AdMdGP6726NHmJpW-tIKpWXXPrzxcyagwT3qCqu9wK20YA2bmSHEGW4xj62Sy_jQbUPMJzjiCCb8EWvIhFbp4uD2NIzxadArn9e-iJQ1-jQC3w",
    weights: 653,
    checksum: 0x44c9ee10,
  },
];

for (const { what, link, weights, checksum, long } of FILES) {
  Deno.test(`a golden file reads as ever: ${what}`, () => {
    const { tensors } = decodeDram(decodeLinkText(link));
    // + 0 makes −0 a 0, as Python's decoder has it.
    const values = Float32Array.from(
      tensors.flatMap((tensor) => [...decodeTensor(tensor).values]),
      (value) => value + 0,
    );
    assertEquals(values.length, weights);
    assertEquals(crc32(new Uint8Array(values.buffer)), checksum);
  });

  if (long) continue;
  Deno.test(`a golden file is written as ever: ${what}`, () => {
    const bytes = decodeLinkText(link);
    assertEquals(encodeDram(decodeDram(bytes)), bytes);
  });
}
