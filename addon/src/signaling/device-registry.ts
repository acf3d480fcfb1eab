/**
 * DeviceRegistry: which device has which stream id, for good. A device proves itself by its random key, of which only
 * the SHA-256 is kept. At most `maxDevices`; the least recently used that is not in use goes.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Closeable } from '../closeable.ts';
import type { Log } from '../log.ts';
import { messageOf, readDevices, writeDevices, type DeviceRecord, type MonitorRecord } from './device-file.ts';
import { DEFAULT_NAME, normalizeName } from './device-name.ts';
import { makeStreamId } from './stream-id.ts';

export interface DeviceRegistryOptions {
  log: Log;
  dataDir: string;
  /** Default 500. */
  maxDevices?: number;
  /** Changes within this time are written together. Default 1000. */
  writeDelayMs?: number;
}

export interface Device {
  /** Its stream id. */
  id: string;
  name: string;
}

export class DeviceRegistry implements Closeable {
  readonly #log: Log;
  readonly #path: string;
  readonly #maxDevices: number;
  readonly #writeDelayMs: number;
  readonly #byKeyHash = new Map<string, DeviceRecord>();
  readonly #byId = new Map<string, DeviceRecord>();
  #writeTimer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #toldFailure = '';
  #changed = false;
  #closed = false;

  private constructor(options: DeviceRegistryOptions, records: readonly DeviceRecord[]) {
    this.#log = options.log;
    this.#path = devicesPath(options.dataDir);
    this.#maxDevices = options.maxDevices ?? 500;
    this.#writeDelayMs = options.writeDelayMs ?? 1000;
    for (const record of records) this.#add(record);
  }

  /** Reads what is kept in `dataDir`; a missing or broken file is an empty registry. */
  static async open(options: DeviceRegistryOptions): Promise<DeviceRegistry> {
    return new DeviceRegistry(options, await readDevices(devicesPath(options.dataDir), options.log));
  }

  get size(): number {
    return this.#byId.size;
  }

  /**
   * The device of this key, made when it is new, renamed when it has another name now; its id stays. `isInUse`: ids that
   * are not to be given away, of live streams and connected devices.
   */
  introduce(deviceKey: string, name: string, isInUse: (id: string) => boolean): Device {
    const keyHash = createHash('sha256').update(deviceKey).digest('hex');
    const normalized = normalizeName(name);
    const shown = normalized === '' ? DEFAULT_NAME : normalized;
    let record = this.#byKeyHash.get(keyHash);
    if (record) {
      record.name = shown;
      record.lastSeen = Date.now();
    } else {
      this.#makeRoom(isInUse);
      const id = makeStreamId(normalized, (candidate) => this.has(candidate) || isInUse(candidate));
      record = { keyHash, id, name: shown, lastSeen: Date.now() };
      this.#add(record);
    }
    this.#save();
    return { id: record.id, name: record.name };
  }

  /** Whether this id belongs to a device: nobody else may speak under it. */
  has(id: string): boolean {
    return this.#byId.has(id);
  }

  nameOf(id: string): string | undefined {
    return this.#byId.get(id)?.name;
  }

  /** Stream ids of the devices that are to listen all the time. */
  get monitors(): ReadonlyMap<string, MonitorRecord> {
    const monitors = new Map<string, MonitorRecord>();
    for (const { id, monitor } of this.#byId.values()) if (monitor) monitors.set(id, monitor);
    return monitors;
  }

  /** Undefined: it is none any more. */
  setMonitor(id: string, monitor: MonitorRecord | undefined): void {
    const record = this.#byId.get(id);
    if (!record) return;
    record.monitor = monitor;
    this.#save();
  }

  /** The device has just been here. */
  touch(id: string): void {
    const record = this.#byId.get(id);
    if (!record) return;
    record.lastSeen = Date.now();
    this.#save();
  }

  /** Writes what is not yet written. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#writeTimer);
    this.#writeTimer = undefined;
    await this.#write();
  }

  /** Once, until it works again: each device that comes is a try. */
  #tell(failure: string): void {
    if (failure === this.#toldFailure) return;
    this.#toldFailure = failure;
    this.#log.warn(`cannot write ${this.#path}: ${failure}; stream ids may change at the next start`);
  }

  #add(record: DeviceRecord): void {
    this.#byKeyHash.set(record.keyHash, record);
    this.#byId.set(record.id, record);
  }

  #makeRoom(isInUse: (id: string) => boolean): void {
    if (this.#byId.size < this.#maxDevices) return;
    const idle = [...this.#byId.values()].filter(({ id }) => !isInUse(id)).sort((a, b) => a.lastSeen - b.lastSeen);
    for (const record of idle.slice(0, this.#byId.size - this.#maxDevices + 1)) {
      this.#byId.delete(record.id);
      this.#byKeyHash.delete(record.keyHash);
      this.#log.debug(`${record.id} is forgotten, ${this.#maxDevices} devices are known`);
    }
  }

  #save(): void {
    this.#changed = true;
    if (this.#closed || this.#writeTimer) return;
    this.#writeTimer = setTimeout(() => {
      this.#writeTimer = undefined;
      void this.#write();
    }, this.#writeDelayMs);
  }

  /** One write at a time; never rejects. */
  #write(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      if (!this.#changed) return;
      this.#changed = false;
      try {
        await writeDevices(this.#path, [...this.#byId.values()]);
        this.#toldFailure = '';
      } catch (error) {
        this.#changed = true;
        this.#tell(messageOf(error));
      }
    });
    return this.#writing;
  }
}

function devicesPath(dataDir: string): string {
  return join(dataDir, 'devices.json');
}
