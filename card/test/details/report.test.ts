import { describe, expect, it } from 'vitest';
import { PROTOCOL_VERSION } from '@voice-streaming/shared/protocol';
import { parseConfig } from '../../src/config.ts';
import { report } from '../../src/details/report.ts';
import { away, listening } from '../fakes/details-facts.ts';
import { VERSION } from '../../src/version.ts';

const TOKEN = 'a-token-that-nobody-is-to-see';
const DEVICE_KEY = 'Zk3bqV8mT0uW5xYr1sLpQg';
const MEDIA_KEY = 'aB3dE5fG7hJ9kL1mN3pQ5r';

const config = parseConfig({
  type: 'custom:voice-streaming-card',
  mode: 'intercom',
  url: `https://me:secret@house.example.org:8443/${MEDIA_KEY}/x?token=${TOKEN}`,
  token: TOKEN,
  // A person may have put it in the wrong place.
  title: `Hall ${TOKEN}`,
  chime: true,
});

const write = (more: Partial<Parameters<typeof report>[0]> = {}): string =>
  report({
    facts: listening,
    config,
    surroundings: {
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      protocol: 'http',
      secure: false,
      place: 'Home Assistant dashboard',
      microphone: 'prompt',
      devices: { audioinput: 2, audiooutput: 1 },
    },
    troubles: [
      { code: 'serverAway', at: 0, endedAt: 5_000 },
      {
        code: 'refused',
        detail: `GET /${MEDIA_KEY}/stream/x?token=${TOKEN} by ${DEVICE_KEY}`,
        at: 9_000,
        endedAt: null,
      },
    ],
    secrets: [TOKEN, DEVICE_KEY, undefined],
    now: 10_000,
    ...more,
  });

describe('report', () => {
  it('holds no token, no device key and no media key', () => {
    const text = write();
    for (const secret of [TOKEN, DEVICE_KEY, MEDIA_KEY, 'me:secret', 'example.org']) expect(text).not.toContain(secret);
    expect(text).toContain('"token":"(set)"');
    expect(text).toContain('"url":"https://(name):8443"');
  });

  it('says all that a maintainer asks for first', () => {
    expect(write().split('\n')).toEqual([
      '```',
      `Voice Streaming: card ${VERSION}, server 0.1.0, protocol ${PROTOCOL_VERSION}`,
      'Time: 1970-01-01T00:00:10',
      'Browser: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      'Page: http, not secure, Home Assistant dashboard',
      'Microphone permission: prompt; devices: 2 audioinput, 1 audiooutput',
      expect.stringContaining('"mode":"intercom"'),
      'Server: ready',
      'Wrong now: nothing',
      'In: connected, opus, 48 kHz, host udp 192.168.1.34 port 52619 - host udp 192.168.1.10 port 41033',
      '  round trip 4.2 ms, jitter 2.6 ms, lost 0.4 %, concealed 0.2 %, buffer 41.6 ms, 33 kbit/s',
      'Out: connected, no codec yet, host udp 192.168.1.34 port 52619 - host udp 192.168.1.10 port 41033',
      '  round trip 4.2 ms, jitter unknown, no voice yet',
      'Hears: 1; not on air',
      'Delay, estimated: 96.8 ms = frame 20.0 ms + talker 2.1 ms + relay 1.0 ms + network 2.1 ms + buffer 41.6 ms + output 30.0 ms',
      'Echo: not measured',
      'Last troubles:',
      '  1970-01-01T00:00:00 serverAway (until 1970-01-01T00:00:05)',
      '  1970-01-01T00:00:09 refused: GET /(key)/stream/x?token=(secret) by (secret) (lasting)',
      '```',
    ]);
  });

  it('says so when the server is away', () => {
    const text = write({ facts: away, surroundings: null, troubles: [] });
    expect(text).toContain('server unknown');
    expect(text).toContain('Wrong now: serverAway');
    expect(text).toContain('In: not open');
    expect(text).toContain('at least 11.0 ms');
    expect(text).toContain('Echo: failed at 1970-01-01T00:00:00: away');
    expect(text).toContain('No troubles so far');
  });

  it('keeps addresses of the house, as they tell what is reachable', () => {
    const local = parseConfig({ url: 'http://192.168.1.10:8080' });
    expect(write({ config: local })).toContain('"url":"http://192.168.1.10:8080"');
  });
});
