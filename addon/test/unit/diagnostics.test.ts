import { expect, test } from 'vitest';
import { createDiagnostics, secretsOf, streamFacts } from '../../src/diagnostics.ts';
import { createLog } from '../../src/log.ts';
import { LogRing } from '../../src/log-ring.ts';
import { Relay } from '../../src/media/relay.ts';
import { readOptions } from '../../src/options.ts';
import { quietLog } from '../support/quiet-log.ts';

/** All of them planted; none may be in what is handed on. */
const PLANTED = {
  token: 'planted-access-token-1',
  supervisor: 'planted+supervisor/token==',
  mqttPassword: 'planted "pass" word',
  mqttUser: 'planted-mqtt-user',
  mediaSecret: 'planted-media-secret-0123456789',
  key: 'KkKkKkKkKkKkKkKkKkKkKk',
  ticket: 'TtTtTtTtTtTtTtTt.1234',
  talkId: 'talkIdTalkIdTalkIdTalk',
  urlPassword: 'planted-url-password',
  bearer: 'planted-bearer',
  user: 'Planted Anna',
  other: 'Planted Bob',
};

function diagnose(lines: readonly string[] = [], parts: Record<string, () => unknown> = {}) {
  return doctor(lines, parts)();
}

function doctor(lines: readonly string[] = [], parts: Record<string, () => unknown> = {}) {
  const options = readOptions(
    {
      ACCESS_TOKEN: PLANTED.token,
      SUPERVISOR_TOKEN: PLANTED.supervisor,
      MQTT_URL: 'mqtt://broker:1883',
      MQTT_USERNAME: PLANTED.mqttUser,
      MQTT_PASSWORD: PLANTED.mqttPassword,
      TALK_USERS: `${PLANTED.user}, ${PLANTED.other}`,
      STREAM_LISTENERS: `nursery: ${PLANTED.user}`,
    },
    () => '{}',
  );
  return createDiagnostics({
    version: '1.2.3',
    options,
    secrets: [PLANTED.mediaSecret, undefined, '', 'abc', ...secretsOf(options)],
    logLines: () => lines,
    parts,
  });
}

test('who asks again and again gets the same for a second: looking everything up takes milliseconds', async () => {
  let asked = 0;
  const flooded = doctor([], { part: () => (asked += 1) });
  const all = await Promise.all(Array.from({ length: 40 }, () => flooded()));
  expect(asked).toBe(1);
  expect(all.every(({ part }) => part === 1)).toBe(true);
});

test('has what helps, and of options only what opens nothing', async () => {
  const found = await diagnose([], { health: () => ({ status: 'healthy' }), missing: () => undefined });
  expect(found).toMatchObject({
    version: '1.2.3',
    node: process.version,
    health: { status: 'healthy' },
    missing: null,
    options: {
      audioPort: 8081,
      maxTalkMinutes: 60,
      accessToken: 'chosen by the owner',
      mqtt: { url: 'mqtt://broker:1883', hasUsername: true, hasPassword: true },
      isAddOn: true,
      talkUsers: 2,
      listenUsers: 'all',
      streamListeners: { nursery: 1 },
    },
  });
});

test('no planted secret is in it, wherever it got to: logs, faults, names of fields, URLs', async () => {
  const { token, supervisor, mqttPassword, mediaSecret, key, ticket, talkId, urlPassword, bearer, user, other } =
    PLANTED;
  const lines = [
    `INFO  [signaling] [session 1a2b] opened by ${user}`,
    `INFO  [audit] talk of hall by "${other}", from 2026-01-01`,
    `WARN  GET /${key}/stream/door.mp3 and http://host:8081/${key}/channel/door.320.mp3`,
    `WARN  play/${ticket}/door.mp3, /replay/${ticket}/${talkId}.mp3, /talk/${talkId}.mp3`,
    `ERROR mqtt://someone:${urlPassword}@broker, Authorization: Bearer ${bearer}`,
    `ERROR ${JSON.stringify({ password: mqttPassword })} ${encodeURIComponent(supervisor)} #token=${token}`,
    '-----BEGIN PRIVATE KEY-----\n    planted-tls-key\n    -----END PRIVATE KEY-----',
  ];
  const parts = {
    deep: () => ({ [`a ${token}`]: [{ b: `${mediaSecret}${supervisor}` }] }),
    broken: () => {
      throw new Error(`no way in with ${mqttPassword}`);
    },
  };
  const found = await diagnose(lines, parts);
  const text = JSON.stringify(found);
  for (const secret of [...Object.values(PLANTED), 'planted-tls-key', encodeURIComponent(supervisor)]) {
    expect([secret, text.includes(secret), text.includes(JSON.stringify(secret).slice(1, -1))]).toEqual([
      secret,
      false,
      false,
    ]);
  }
  // What is left is still of use.
  expect(found['broken']).toBe('failed: no way in with [left out]');
  expect(found['log']).toEqual([
    'INFO  [signaling] [session 1a2b] opened by [left out]',
    'WARN  GET /[left out]/stream/door.mp3 and http://host:8081/[left out]/channel/door.320.mp3',
    expect.stringContaining('door.mp3'),
    'ERROR mqtt://[left out]@broker, Authorization: Bearer [left out]',
    expect.stringMatching(/^ERROR /),
    '[left out]',
  ]);
});

test('a secret that a long line of the log tore in two is in it neither', async () => {
  const ring = new LogRing({ write: () => undefined });
  const pem = `-----BEGIN PRIVATE KEY-----\n${'planted-tls-key\n'.repeat(60)}-----END PRIVATE KEY-----`;
  const words = [
    PLANTED.token,
    PLANTED.supervisor,
    PLANTED.mqttPassword,
    `mqtt://someone:${PLANTED.urlPassword}@broker`,
  ];
  for (const word of [...words, `http://house:8081/${PLANTED.key}/stream/door.mp3`]) {
    for (let chars = 4; chars < word.length; chars += 1) {
      ring.write('warn', `${'x'.repeat(500 - chars - 1)} ${word} and so on`);
    }
  }
  for (const room of [40, 470, 478, 480, 490]) ring.write('error', `${'x'.repeat(500 - room)} ${pem}`);
  const text = JSON.stringify((await diagnose(ring.lines))['log']);
  expect(['plan', 'KkKk', 'PRIV', 'pass'].filter((part) => text.includes(part))).toEqual([]);
  expect(ring.lines.at(-1)).toContain('PRIVATE');
});

test('of secrets that begin with one another, and of encoded ones, nothing is left', async () => {
  const options = readOptions(
    { MQTT_URL: 'mqtt://broker', MQTT_USERNAME: 'anna', MQTT_PASSWORD: 'anna-and-more-4711' },
    () => '{}',
  );
  const basic = Buffer.from('anna-and-more-4711').toString('base64');
  const text = JSON.stringify(
    await createDiagnostics({
      version: '1.2.3',
      options,
      secrets: secretsOf(options),
      logLines: () => ['password anna-and-more-4711', `Basic ${basic}`],
      parts: {},
    })(),
  );
  expect([text.includes('4711'), text.includes(basic.slice(0, 12))]).toEqual([false, false]);
});

test('numbers and words that are as short as a bad password stay readable', async () => {
  const { port } = (await diagnose([], {}))['options'] as { port: number };
  expect(port).toBe(8080);
});

test('of a private talk no more than that it is', () => {
  const relay = new Relay({ log: quietLog() });
  expect(streamFacts(relay.start({ id: 'hall', name: 'Hall', private: true, user: 'Anna' }))).toEqual({
    private: true,
  });
  const door = streamFacts(relay.start({ id: 'door', name: 'Door', user: 'Anna' }));
  expect(door).toMatchObject({ id: 'door', name: 'Door', packetsIn: 0 });
  expect(JSON.stringify(door)).not.toContain('Anna');
});

test('the last lines of the log are kept, not all, and none without end', () => {
  const written: string[] = [];
  const ring = new LogRing({ write: (_level, line) => written.push(line), maxLines: 3, maxLineChars: 60 });
  const log = createLog('info', ring.write);
  for (let n = 0; n < 5; n += 1) log.child('relay').info(`line ${n} ${'x'.repeat(n === 4 ? 500 : 0)}`);
  log.debug('not shown');
  expect(written).toHaveLength(5);
  expect(ring.lines.map((line) => /line \d/.exec(line)?.[0])).toEqual(['line 2', 'line 3', 'line 4']);
  expect(ring.lines.at(-1)).toHaveLength(61);
});
