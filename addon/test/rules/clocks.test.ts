/**
 * The clock on the wall jumps: a time server sets it, somebody sets it. So nothing is timed by it; it is read only where a
 * person, Home Assistant or a file reads the moment later.
 */
import { describe, expect, it } from 'vitest';
import { listFiles, readText } from './repository.ts';

const WALL_CLOCK = /\bDate\.now\b|\bnew Date\(\)|\bDate\(\)/;

/** Who may, and what for. */
const READERS: Record<string, string> = {
  'diagnostics.ts': 'the report says when it was made',
  'http/play-tickets.ts': 'tickets outlive a restart, and every clock of ours that only grows begins anew with it',
  'http/tls-certificate.ts': 'a certificate ends at a date',
  'homeassistant/mqtt-findings.ts': 'what an earlier run left at the broker says when it last talked',
  'homeassistant/mqtt-presence.ts': 'forgets after 30 days, which no run lasts',
  'loop-watch.ts': 'a line of the log says when it was written',
  'log.ts': 'lines say when they were written',
  'media/audit.ts': 'lines say from when somebody listened',
  'media/stream.ts': 'cards say since when somebody talks',
  'signaling/device-registry.ts': 'the file says when a device was last there',
  'signaling/monitor-registry.ts': 'cards say when a monitor heard its last sound',
  'signaling/session.ts': 'clients compare their clock with ours',
  'speakers/snapshot.ts': 'Home Assistant says when it looked where a player is',
  'speakers/test-talk.ts': 'says when it began, as every talk does',
};

const users = listFiles()
  .filter((path) => path.startsWith('addon/src/') && path.endsWith('.ts'))
  .filter((path) => WALL_CLOCK.test(readText(path)))
  .map((path) => path.replace('addon/src/', ''));

describe('the clock on the wall', () => {
  it('is read by nobody but those who have a reason', () => {
    expect(users.filter((path) => READERS[path] === undefined)).toEqual([]);
  });

  it('is read by all on the list', () => {
    expect(Object.keys(READERS).filter((path) => !users.includes(path))).toEqual([]);
  });
});
