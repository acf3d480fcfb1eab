/** Monitors outlive the server: a file in its data directory, real here. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LimitBreaches } from '../../../src/media/limit-breaches.ts';
import { Relay } from '../../../src/media/relay.ts';
import { DeviceRegistry } from '../../../src/signaling/device-registry.ts';
import { DEFAULT_LIMITS } from '../../../src/signaling/limits.ts';
import { MonitorRegistry } from '../../../src/signaling/monitor-registry.ts';
import { quietLog } from '../../support/quiet-log.ts';
import { audioPacket, deviceKeyOf } from '../../support/signaling-rig.ts';

describe('a monitor after a restart', () => {
  it('is still missed, with its last sound; one that was switched off is off', async () => {
    const log = quietLog();
    const dataDir = await mkdtemp(join(tmpdir(), 'monitors-'));
    const limits = DEFAULT_LIMITS;
    const start = async (): Promise<{ devices: DeviceRegistry; monitors: MonitorRegistry; relay: Relay }> => {
      const devices = await DeviceRegistry.open({ log, dataDir });
      const relay = new Relay({ log });
      return {
        devices,
        relay,
        monitors: new MonitorRegistry({
          relay,
          store: devices,
          limits,
          breaches: new LimitBreaches({ log: quietLog() }),
          onChanged: () => undefined,
        }),
      };
    };
    const first = await start();
    const session = {};
    for (const name of ['nursery', 'attic']) {
      const { id } = first.devices.introduce(deviceKeyOf(name), name, () => false);
      first.monitors.set(session, id, 'on');
    }
    first.monitors.set(session, 'attic', 'off');
    const stream = first.relay.start({ id: 'nursery', name: 'nursery', monitor: true });
    stream.write(audioPacket(0));
    first.monitors.look(stream, -20);
    const { lastSoundAt } = first.monitors.infoOf('nursery')!;
    expect(lastSoundAt).toBeGreaterThan(0);
    first.monitors.ownerGone(session);
    await first.monitors.close();
    await first.devices.close();
    await first.relay.close();

    const second = await start();
    expect([...second.monitors.ids]).toEqual(['nursery', 'attic']);
    expect(second.monitors.infoOf('attic')).toEqual({ state: 'off', lastSoundAt: null });
    expect(second.monitors.infoOf('nursery')).toEqual({ state: 'lost', lastSoundAt });
    await second.monitors.close();
    await second.devices.close();
    await rm(dataDir, { recursive: true });
    expect(log.lines).toEqual([]);
  });
});
