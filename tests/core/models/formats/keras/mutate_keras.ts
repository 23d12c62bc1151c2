/**
 * Files of Keras changed at random: each is read, or refused in words; `deno task
 * fuzz:keras` tries 10,000, which takes half an hour, as a worker is started for each.
 *
 * @module
 */
import { crc32, inflateSync } from "node:zlib";
import { listMembers, unpack } from "../../../../../core/data/formats/npz.ts";
import FILES from "../../../../golden/keras.json" with { type: "json" };
import {
  changeBytes,
  mutateFiles,
  type Outcome,
  pick,
  type RandomStream,
  runMutation,
} from "../mutate_files.ts";

const files: Record<string, string> = FILES;

/** The archive of `members`, unpacked, with their right checksums. */
function archive(
  members: readonly { name: string; bytes: Uint8Array<ArrayBuffer> }[],
): Uint8Array<ArrayBuffer> {
  const parts: number[] = [];
  const central: number[] = [];
  const u16 = (value: number) => [value & 255, value >> 8 & 255];
  const u32 = (value: number) => [...u16(value & 65_535), ...u16(value >>> 16)];
  for (const { name, bytes } of members) {
    const called = [...new TextEncoder().encode(name)];
    const size = u32(bytes.length);
    const fields = [
      ...[...u16(20), ...u16(0), ...u16(0), ...u32(0)],
      ...[...u32(crc32(bytes)), ...size, ...size, ...u16(called.length)],
      ...u16(0),
    ];
    const at = u32(parts.length);
    parts.push(...u32(0x04034b50), ...fields, ...called, ...bytes);
    central.push(
      ...[...u32(0x02014b50), ...u16(20), ...fields],
      ...[...u16(0), ...u16(0), ...u16(0), ...u32(0), ...at, ...called],
    );
  }
  const count = u16(members.length);
  return Uint8Array.from([
    ...[...parts, ...central, ...u32(0x06054b50), ...u16(0), ...u16(0)],
    ...[...count, ...count, ...u32(central.length), ...u32(parts.length)],
    ...u16(0),
  ]);
}

/** `bytes` with some in place of others, or as `changeBytes` has it: HDF5 says where all lies. */
function spoil(
  bytes: Uint8Array<ArrayBuffer>,
  random: RandomStream,
): Uint8Array<ArrayBuffer> {
  if (random.uniform() < 0.3) return changeBytes(bytes, random);
  const spoilt = bytes.slice();
  for (let left = 1 + random.below(4); left > 0; left--) {
    spoilt[random.below(spoilt.length)] = random.below(256);
  }
  return spoilt;
}

/** Loads `count` files made of those that are read, each changed as `seed` has it. */
export async function mutateKeras(
  run: { count: number; seed: number },
): Promise<Outcome> {
  const made = Object.entries(files).map(([name, text]) => ({
    name,
    bytes: Uint8Array.from(inflateSync(Uint8Array.fromBase64(text))),
  }));
  // Which of both it is, its first bytes say.
  const path = "model.keras";
  return await mutateFiles({ ...run, format: "keras", path }, (random) => {
    const { name, bytes } = pick(random, made);
    if (name.endsWith(".h5") || random.uniform() < 0.2) {
      return { [path]: spoil(bytes, random) };
    }
    const members = listMembers(bytes, name).map((member) => ({
      name: member.name,
      bytes: Uint8Array.from(unpack(bytes, member, name)),
    }));
    const changed = pick(random, members);
    changed.bytes = spoil(changed.bytes, random);
    return { [path]: archive(members) };
  });
}

if (import.meta.main) await runMutation(mutateKeras);
