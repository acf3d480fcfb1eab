import path from 'node:path';
import { expect, test } from 'vitest';
import { OptionsError, readOptions, type Options } from '../../src/options.ts';

/** Reads with this text as options.json, or with none. */
function read(env: Record<string, string>, json?: string): Options {
  return readOptions({ DATA_DIR: '/data', ...env }, (file) => {
    expect(file).toBe('/data/options.json');
    if (json === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    return json;
  });
}

function faultOf(env: Record<string, string>, json?: string): string {
  try {
    read(env, json);
  } catch (error) {
    expect(error).toBeInstanceOf(OptionsError);
    expect((error as OptionsError).exitCode).toBe(2);
    const { message } = error as OptionsError;
    expect(message).not.toContain('\n');
    return message;
  }
  throw new Error('it was taken');
}

test('without anything: the defaults', () => {
  expect(
    readOptions({}, () => {
      throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    }),
  ).toEqual({
    port: 8080,
    audioPort: 8081,
    host: undefined,
    dataDir: path.resolve('data'),
    logLevel: 'info',
    announcedAddress: undefined,
    udpPorts: undefined,
    mediaAccess: 'key',
    accessToken: undefined,
    mqtt: undefined,
    tls: undefined,
    replayMinutes: 0,
    maxTalkMinutes: 60,
    speakers: { chime: 'ding', volume: undefined, maxSeconds: 120, overrides: [] },
    talkUsers: undefined,
    listenUsers: undefined,
    streamListeners: new Map(),
    supervisor: undefined,
    warnings: [],
  });
});

test('who may talk and listen', () => {
  const env = {
    SUPERVISOR_TOKEN: 'x',
    TALK_USERS: 'Ada, Bob',
    LISTEN_USERS: ' Ada',
    STREAM_LISTENERS: 'nursery: Ada, Bob; office: Bob;',
  };
  expect(read(env)).toMatchObject({
    talkUsers: ['Ada', 'Bob'],
    listenUsers: ['Ada'],
    streamListeners: new Map([
      ['nursery', ['Ada', 'Bob']],
      ['office', ['Bob']],
    ]),
    warnings: [],
  });
  expect(read({ TALK_USERS: 'Ada' }).warnings).toEqual([expect.stringContaining('name users of Home Assistant')]);
  expect(faultOf({ TALK_USERS: 'Ada,,Bob' })).toMatch(/^TALK_USERS .* commas between, for example Ada, Bob\.$/);
  for (const wrong of ['nursery', 'Nursery: Ada', 'nursery: Ada: Bob', 'nursery:']) {
    expect(faultOf({ STREAM_LISTENERS: wrong })).toMatch(/^STREAM_LISTENERS /);
  }
});

test('https: files in /ssl as an add-on, else where they are said to be', () => {
  expect(read({ SUPERVISOR_TOKEN: 'x' }, '{"ssl": true}').tls).toEqual({
    certFile: '/ssl/fullchain.pem',
    keyFile: '/ssl/privkey.pem',
  });
  const named = '{"ssl": true, "certfile": "house/cert.pem", "keyfile": "house/key.pem"}';
  expect(read({ SUPERVISOR_TOKEN: 'x' }, named).tls).toEqual({
    certFile: '/ssl/house/cert.pem',
    keyFile: '/ssl/house/key.pem',
  });
  expect(read({ SSL: 'yes', CERTFILE: '/etc/certs/a.pem', KEYFILE: 'b.pem' }).tls).toEqual({
    certFile: '/etc/certs/a.pem',
    keyFile: path.resolve('b.pem'),
  });
  expect(read({ CERTFILE: '/etc/certs/a.pem' }, '{"ssl": false}').tls).toBeUndefined();
  expect(faultOf({ SSL: 'maybe' })).toBe('SSL (environment variable) is "maybe", but must be true or false.');
});

test('the environment is over options.json is over the default', () => {
  const options = read({ PORT: '9000' }, '{"port": 9001, "audio_port": "9002"}');
  expect(options).toMatchObject({ port: 9000, audioPort: 9002, logLevel: 'info' });
});

test('every option from the environment', () => {
  expect(
    read({
      PORT: '0',
      AUDIO_PORT: '0',
      HOST: '127.0.0.1',
      LOG_LEVEL: 'DEBUG',
      ANNOUNCED_ADDRESS: 'fd00::5',
      UDP_PORTS: '50000-50100',
      MEDIA_ACCESS: 'open',
      ACCESS_TOKEN: 'correct-horse-battery',
      REPLAY_MINUTES: '10',
      MAX_TALK_MINUTES: '0',
      ANNOUNCEMENT_CHIME: 'none',
      ANNOUNCEMENT_VOLUME: '0.4',
      ANNOUNCEMENT_MAX_SECONDS: '60',
      SPEAKER_OVERRIDES: '[{"entity_id": "media_player.kitchen", "format": "wav", "lead_in_ms": 500}]',
    }),
  ).toEqual({
    port: 0,
    audioPort: 0,
    host: '127.0.0.1',
    dataDir: '/data',
    logLevel: 'debug',
    announcedAddress: 'fd00::5',
    udpPorts: { min: 50000, max: 50100 },
    mediaAccess: 'open',
    accessToken: 'correct-horse-battery',
    replayMinutes: 10,
    maxTalkMinutes: 0,
    speakers: {
      chime: 'none',
      volume: 0.4,
      maxSeconds: 60,
      overrides: [{ entityId: 'media_player.kitchen', format: 'wav', leadInMs: 500 }],
    },
    streamListeners: new Map(),
    warnings: [],
  });
});

test.each([{ PORT: '' }, undefined])('an empty value is none: %o', (env) => {
  expect(read(env ?? {}, '{"port": "", "host": null}')).toMatchObject({ port: 8080, host: undefined });
});

test.each<[string, Record<string, string>, RegExp]>([
  [
    'a port that is a word',
    { PORT: 'http' },
    /^PORT \(environment variable\) is "http", but must be a port number .*8080/,
  ],
  ['a port too high', { PORT: '65536' }, /^PORT .*must be a port number/],
  ['a negative port', { AUDIO_PORT: '-1' }, /^AUDIO_PORT .*must be a port number/],
  ['a port in hexadecimal', { PORT: '0x50' }, /^PORT .*must be a port number/],
  ['the same port twice', { PORT: '8081' }, /^PORT and AUDIO_PORT are both 8081: they must differ/],
  ['replays for a day', { REPLAY_MINUTES: '1440' }, /^REPLAY_MINUTES .*must be whole minutes from 0 \(off\) to 60/],
  ['a chime that is a path', { ANNOUNCEMENT_CHIME: '../ding' }, /^ANNOUNCEMENT_CHIME .*must be the name of a chime/],
  ['a volume in percent', { ANNOUNCEMENT_VOLUME: '40' }, /^ANNOUNCEMENT_VOLUME .*must be 0 to 1, for example 0.4/],
  ['an announcement of no time', { ANNOUNCEMENT_MAX_SECONDS: '0' }, /^ANNOUNCEMENT_MAX_SECONDS .*from 1 to 600/],
  ['overrides that are no JSON', { SPEAKER_OVERRIDES: 'kitchen' }, /^SPEAKER_OVERRIDES .*must be a JSON list like \[/],
  ['overrides that are no list', { SPEAKER_OVERRIDES: '{}' }, /^SPEAKER_OVERRIDES .*must be a list like \[/],
  [
    'an override of a light',
    { SPEAKER_OVERRIDES: '[{"entity_id": "light.a"}]' },
    /entry 1 is wrong: "entity_id" must be like/,
  ],
  ['an override of nothing', { SPEAKER_OVERRIDES: '[{}]' }, /entry 1 is wrong: "entity_id" is missing or wrong/],
  [
    'an override with a slip',
    { SPEAKER_OVERRIDES: '[{"entity_id": "media_player.a", "anounce": true}]' },
    /entry 1 is wrong: "anounce" is no field of it/,
  ],
  [
    'an override of an unknown format',
    { SPEAKER_OVERRIDES: '[{"entity_id": "media_player.a", "format": "ogg"}]' },
    /entry 1 is wrong: "format" must be mp3, mp3-320 or wav/,
  ],
  [
    'a speaker overridden twice',
    { SPEAKER_OVERRIDES: '[{"entity_id": "media_player.a"}, {"entity_id": "media_player.a", "volume": 1}]' },
    /must name media_player.a only once/,
  ],
  ['a host with a port', { HOST: '127.0.0.1:80' }, /^HOST .*must be an address of this machine/],
  ['an unknown level', { LOG_LEVEL: 'loud' }, /^LOG_LEVEL .*must be one of debug, info, warn, error/],
  ['a name to announce', { ANNOUNCED_ADDRESS: 'nas.local' }, /^ANNOUNCED_ADDRESS .*must be an IP address/],
  ['a range of one', { UDP_PORTS: '5000-5000' }, /^UDP_PORTS .*two different ports, lower first/],
  ['a range turned round', { UDP_PORTS: '5001-5000' }, /^UDP_PORTS .*two different ports/],
  ['a range too high', { UDP_PORTS: '65000-70000' }, /^UDP_PORTS .*two different ports/],
  ['a single UDP port', { UDP_PORTS: '5000' }, /^UDP_PORTS .*two different ports/],
  ['an unknown access', { MEDIA_ACCESS: 'closed' }, /^MEDIA_ACCESS .*must be one of key, open/],
])('%s', (_name, env, expected) => {
  expect(faultOf(env)).toMatch(expected);
});

test.each([
  ['a list', '{"port": [8080]}', /^"port" in \/data\/options.json is \[8080\], but must be a text or a number/],
  ['a broken number', '{"port": 80.5}', /^"port" in \/data\/options.json is 80.5, but must be a port number/],
  ['half a file', '{"port": 80', /^\/data\/options.json is not JSON/],
  ['an empty file', '', /^\/data\/options.json is not JSON/],
  ['a list for a file', '[]', /^\/data\/options.json must hold one JSON object/],
  ['null for a file', 'null', /^\/data\/options.json must hold one JSON object/],
])('options.json with %s', (_name, json, expected) => {
  expect(faultOf({}, json)).toMatch(expected);
});

test('options.json that may not be read', () => {
  expect(() =>
    readOptions({ DATA_DIR: '/data' }, () => {
      throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    }),
  ).toThrow('/data/options.json cannot be read: EACCES: permission denied.');
});

test.each(['short-secret', 'a secret with spaces in it', `long${'x'.repeat(256)}`, 'geheimes-Wörterbuch'])(
  'a wrong access token is refused and never shown: %s',
  (token) => {
    for (const fault of [faultOf({ ACCESS_TOKEN: token }), faultOf({}, JSON.stringify({ access_token: token }))]) {
      expect(fault).toMatch(/must have 16 to 256 characters/);
      expect(fault).not.toContain(token.slice(0, 8));
    }
  },
);

test('a torn options.json does not show what stood in it', () => {
  expect(faultOf({}, '{"access_token": "topsecrettoken')).not.toContain('topsecret');
});

test('unknown names are warned of, one each', () => {
  const { warnings, port } = read({}, '{"prot": 1, "data_dir": "/x", "port": 81, "__proto__": 3, "PORT": 2}');
  expect(port).toBe(81);
  expect(warnings).toEqual([
    expect.stringContaining('"prot" in /data/options.json is no option'),
    expect.stringContaining('set the environment variable DATA_DIR'),
    expect.stringContaining('"__proto__"'),
    expect.stringContaining('"PORT"'),
  ]);
});

test('a SUPERVISOR_TOKEN makes us an add-on', () => {
  const none = (): string => {
    throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
  };
  const { dataDir, supervisor } = readOptions({ SUPERVISOR_TOKEN: 'secret' }, none);
  expect(dataDir).toBe('/data');
  expect(supervisor).toEqual({
    url: 'http://supervisor',
    token: 'secret',
    address: undefined,
    homeAssistantFolder: '/homeassistant',
  });
  const elsewhere = { SUPERVISOR_TOKEN: 'secret', SUPERVISOR_URL: 'http://127.0.0.1:8090/', HOME_ASSISTANT_DIR: '/ha' };
  expect(read(elsewhere).supervisor).toMatchObject({
    url: 'http://127.0.0.1:8090',
    address: '127.0.0.1',
    homeAssistantFolder: '/ha',
  });
  // Without a token it is no Supervisor of ours.
  expect(read({ SUPERVISOR_URL: 'nonsense' }).supervisor).toBeUndefined();
  for (const url of ['nonsense', 'https://127.0.0.1', 'http://supervisor.evil']) {
    expect(faultOf({ SUPERVISOR_TOKEN: 'secret', SUPERVISOR_URL: url })).toMatch(/^SUPERVISOR_URL .*127\.0\.0\.1:8090/);
  }
});

test('an MQTT broker, its credentials in the URL or beside it', () => {
  const url = 'mqtt://ada:p%40ss@192.168.1.6:1884';
  const bare = { url: 'mqtt://192.168.1.6:1884', verifyCertificate: true };
  expect(read({ MQTT_URL: url }).mqtt).toEqual({ ...bare, username: 'ada', password: 'p@ss' });
  expect(read({}, JSON.stringify({ mqtt_url: url, mqtt_username: 'bob', mqtt_password: 'word' })).mqtt).toEqual({
    ...bare,
    username: 'bob',
    password: 'word',
  });
  expect(read({ MQTT_USERNAME: 'bob' }).mqtt).toBeUndefined();
  for (const wrong of ['192.168.1.6', 'http://ada:secret@broker', 'mqtt://', 'mqtt://ada:%zz@broker']) {
    const fault = faultOf({ MQTT_URL: wrong });
    expect(fault).toMatch(/^MQTT_URL .*must be like mqtt:\/\/192\.168\.1\.5:1883/);
    expect(fault).not.toMatch(/secret|%zz/);
  }
});
