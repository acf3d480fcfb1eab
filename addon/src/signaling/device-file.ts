/** The device registry's file: `DATA_DIR/devices.json`, read once, written whole and atomically. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isStreamId } from '@voice-streaming/shared/parse';
import * as v from 'valibot';
import type { Log } from '../log.ts';

/** What is kept of a device that is to listen all the time. */
export interface MonitorRecord {
  /** `off`: a person switched it off; its listeners are to see that, also after a restart. */
  wanted: 'on' | 'needsTap' | 'off';
  /** Unix epoch milliseconds. */
  lastSoundAt: number | null;
}

/** A device as it is kept; its key itself is nowhere. */
export interface DeviceRecord {
  /** SHA-256 of the device key, hexadecimal. */
  keyHash: string;
  id: string;
  name: string;
  /** Unix epoch milliseconds. */
  lastSeen: number;
  monitor?: MonitorRecord | undefined;
}

const schema = v.object({
  version: v.literal(1),
  devices: v.array(
    v.object({
      keyHash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
      id: v.pipe(v.string(), v.check(isStreamId)),
      name: v.pipe(v.string(), v.nonEmpty()),
      lastSeen: v.pipe(v.number(), v.finite()),
      monitor: v.optional(
        v.object({
          wanted: v.picklist(['on', 'needsTap', 'off']),
          lastSoundAt: v.nullable(v.pipe(v.number(), v.finite())),
        }),
      ),
    }),
  ),
});

/** The devices of the file; none when it is missing. A torn or wrong file is kept aside as `.broken`. */
export async function readDevices(path: string, log: Log): Promise<DeviceRecord[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') log.warn(`cannot read ${path}: ${messageOf(error)}`);
    return [];
  }
  try {
    const { devices } = v.parse(schema, JSON.parse(text));
    const isUnique = new Set(devices.map(({ id }) => id)).size === devices.length;
    if (!isUnique) throw new Error('an id stands twice');
    return devices;
  } catch (error) {
    log.warn(`${path} is broken (${messageOf(error)}); kept as ${path}.broken, devices begin anew`);
    await rename(path, `${path}.broken`).catch((renameError: unknown) => log.warn(messageOf(renameError)));
    return [];
  }
}

/** Readable by its owner only: names of rooms are nobody else's business. */
export async function writeDevices(path: string, devices: readonly DeviceRecord[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.tmp`;
  const text = `${JSON.stringify({ version: 1, devices }, null, 2)}\n`;
  try {
    await writeFile(temporary, text, { mode: 0o600, flush: true });
    await rename(temporary, path);
  } catch (error) {
    // What is half written takes room on a disk that has none.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
