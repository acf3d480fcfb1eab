import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES, ProtocolError, type ErrorCode } from '../src/errors.ts';
import {
  isStreamId,
  MAX_LISTEN_STREAMS,
  MAX_NAME_INPUT_CHARS,
  MAX_OFFER_CHARS,
  parseClientMessage,
} from '../src/parse.ts';
import type { RequestType } from '../src/protocol.ts';

const fixtures = JSON.parse(readFileSync(new URL('fixtures/v1/client.json', import.meta.url), 'utf8')) as Record<
  string,
  { id: number; type: RequestType; args: unknown }
>;

const ALL_TYPES: RequestType[] = [
  'authenticate',
  'introduce',
  'connectSender',
  'connectReceiver',
  'disconnect',
  'startTalk',
  'stopTalk',
  'listen',
  'endTalk',
  'setMonitor',
  'forgetMonitor',
  'getPlayUrl',
  'getReplays',
  'getMediaUrls',
  'rotateMediaKeys',
  'getDoctor',
  'getSpeakers',
  'announce',
  'getAnnouncements',
  'stopAnnouncement',
  'testSpeaker',
];

const DEVICE_KEY = 'fW8zO1kq0hXr3mJb5Yc2Ng';

function refusalOf(text: string): ProtocolError {
  try {
    parseClientMessage(text);
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
  throw new Error(`was accepted: ${text.slice(0, 100)}`);
}

describe('messages of version 1', () => {
  it.each(Object.entries(fixtures))('reads %s as it stands', (_name, message) => {
    expect(parseClientMessage(JSON.stringify(message))).toEqual(message);
  });

  it('has a fixture for every request', () => {
    expect(new Set(Object.values(fixtures).map(({ type }) => type))).toEqual(new Set(ALL_TYPES));
  });

  it('lets args be left out where nothing is needed', () => {
    expect(parseClientMessage('{"id":0,"type":"stopTalk"}')).toEqual({ id: 0, type: 'stopTalk', args: {} });
    expect(parseClientMessage('{"id":0,"type":"startTalk"}')).toEqual({ id: 0, type: 'startTalk', args: {} });
  });

  it('ignores unknown fields of the envelope', () => {
    expect(parseClientMessage('{"id":1,"type":"stopTalk","traceId":"x"}')).toEqual({
      id: 1,
      type: 'stopTalk',
      args: {},
    });
  });
});

describe('what is no message', () => {
  it.each([
    ['nothing', ''],
    ['text', 'hello'],
    ['half a message', '{"id":1,"type":"stop'],
    ['a NUL', '\u0000'],
    ['null', 'null'],
    ['a number', '7'],
    ['a string', '"stopTalk"'],
    ['a list', '[{"id":1,"type":"stopTalk"}]'],
    ['an empty object', '{}'],
    ['10,000 open brackets', '['.repeat(10_000)],
    ['a trailing comma', '{"id":1,"type":"stopTalk",}'],
  ])('refuses %s', (_name, text) => {
    expect(refusalOf(text)).toMatchObject({ code: 'bad_message', requestId: null });
  });

  it.each([
    ['missing', '{"type":"stopTalk"}'],
    ['null', '{"id":null,"type":"stopTalk"}'],
    ['text', '{"id":"1","type":"stopTalk"}'],
    ['negative', '{"id":-1,"type":"stopTalk"}'],
    ['broken', '{"id":1.5,"type":"stopTalk"}'],
    ['beyond 2^53', '{"id":9007199254740993,"type":"stopTalk"}'],
    ['huge', '{"id":1e308,"type":"stopTalk"}'],
    ['infinite', '{"id":1e999,"type":"stopTalk"}'],
    ['an object', '{"id":{},"type":"stopTalk"}'],
  ])('refuses an id that is %s', (_name, text) => {
    expect(refusalOf(text)).toMatchObject({ code: 'bad_message', requestId: null });
  });

  it.each([
    ['missing', '{"id":5}'],
    ['null', '{"id":5,"type":null}'],
    ['a number', '{"id":5,"type":5}'],
  ])('refuses a type that is %s, and names the request', (_name, text) => {
    expect(refusalOf(text)).toMatchObject({ code: 'bad_message', requestId: 5 });
  });
});

describe('unknown types', () => {
  it.each([
    '',
    'speak',
    'STOPTALK',
    ' stopTalk',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'prototype',
  ])('refuses %j', (type) => {
    expect(refusalOf(JSON.stringify({ id: 9, type, args: {} }))).toMatchObject({ code: 'unknown_type', requestId: 9 });
  });

  it('quotes a long type shortly', () => {
    expect(refusalOf(JSON.stringify({ id: 9, type: 'x'.repeat(50_000) })).message.length).toBeLessThan(120);
  });
});

describe('wrong arguments', () => {
  const wrong: [RequestType, unknown][] = [
    ['authenticate', {}],
    ['authenticate', { token: 7 }],
    ['authenticate', { token: 'x'.repeat(257) }],
    ['authenticate', { token: 'x', more: 1 }],
    ['introduce', { name: 'Kitchen' }],
    ['introduce', { deviceKey: DEVICE_KEY }],
    ['introduce', { deviceKey: DEVICE_KEY, name: null }],
    ['introduce', { deviceKey: DEVICE_KEY, name: 'x'.repeat(MAX_NAME_INPUT_CHARS + 1) }],
    ['introduce', { deviceKey: DEVICE_KEY.slice(1), name: 'too short a key' }],
    ['introduce', { deviceKey: 'x'.repeat(65), name: 'too long a key' }],
    ['introduce', { deviceKey: `${DEVICE_KEY} `, name: 'a space' }],
    ['introduce', { deviceKey: `${DEVICE_KEY}\n`, name: 'a line break' }],
    ['connectSender', {}],
    ['connectSender', { offer: '' }],
    ['connectSender', { offer: 'x'.repeat(MAX_OFFER_CHARS + 1) }],
    ['connectSender', { offer: { type: 'offer', sdp: 'v=0' } }],
    ['connectReceiver', {}],
    ['connectReceiver', { offer: 1 }],
    ['disconnect', {}],
    ['disconnect', { direction: 'both' }],
    ['startTalk', { private: 'yes' }],
    ['startTalk', { private: null }],
    ['startTalk', { echo: 1 }],
    ['startTalk', { streamId: 'kitchen' }],
    ['stopTalk', { streamId: 'kitchen' }],
    ['listen', {}],
    ['listen', { to: 'kitchen' }],
    ['listen', { to: '' }],
    ['listen', { to: [] }],
    ['listen', { to: [null] }],
    ['listen', { to: ['Kitchen'] }],
    ['listen', { to: ['../status'] }],
    ['listen', { to: Array.from({ length: MAX_LISTEN_STREAMS + 1 }, (_, n) => `stream-${n}`) }],
    ['listen', { to: { id: 'kitchen' } }],
    ['endTalk', {}],
    ['endTalk', { streamId: '' }],
    ['endTalk', { streamId: 'x'.repeat(49) }],
    ['setMonitor', {}],
    ['setMonitor', { state: 'live' }],
    ['setMonitor', { state: true }],
    ['setMonitor', { state: 'on', streamId: 'nursery' }],
    ['announce', {}],
    ['announce', { targets: [] }],
    ['announce', { targets: ['kitchen'] }],
    ['announce', { targets: Array<string>(33).fill('media_player.kitchen') }],
    ['announce', { targets: ['media_player.kitchen'], volume: 1.1 }],
    ['announce', { targets: ['media_player.kitchen'], volume: '50%' }],
    ['announce', { targets: ['media_player.kitchen'], talkId: '../x' }],
    ['stopAnnouncement', {}],
    ['testSpeaker', { entityId: '../x' }],
    ['forgetMonitor', {}],
    ['forgetMonitor', { streamId: '../x' }],
    ['getPlayUrl', {}],
    ['getPlayUrl', { streamId: ['nursery'] }],
    ['getMediaUrls', { id: 'latest' }],
  ];

  it.each(wrong)('refuses %s %j', (type, args) => {
    const error = refusalOf(JSON.stringify({ id: 3, type, args }));
    expect(error).toMatchObject({ code: 'bad_arguments', requestId: 3 });
    expect(error.message).toMatch(new RegExp(`^${type}: .+\\.$`));
    expect(error.message.length).toBeLessThan(300);
  });

  it.each(ALL_TYPES)('refuses %s with args that are no object', (type) => {
    for (const args of [null, 7, 'x', true, []]) {
      expect(refusalOf(JSON.stringify({ id: 3, type, args })).code).toBe('bad_arguments');
    }
  });

  it.each(ALL_TYPES)('refuses keys of Object.prototype in %s and pollutes nothing', (type) => {
    for (const key of ['__proto__', 'constructor', 'prototype', 'toString']) {
      const fixture = Object.values(fixtures).find((message) => message.type === type)!;
      const args = `{"${key}":{"polluted":true},${JSON.stringify(fixture.args).slice(1)}`.replace(',}', '}');
      expect(refusalOf(`{"id":3,"type":"${type}","args":${args}}`).code).toBe('bad_arguments');
    }
    expect('polluted' in {}).toBe(false);
  });

  it.each([
    ['listen', {}, 'listen: "to" is missing.'],
    ['listen', { to: null, too: 1 }, 'listen: "too" is no field of it.'],
    ['listen', { to: [] }, 'listen: "to" is an empty list: to hear nobody, say null.'],
    ['startTalk', { echo: 'yes' }, 'startTalk: "echo" must be of type boolean.'],
    ['stopTalk', 7, 'stopTalk: must be of type Object.'],
    ['setMonitor', { state: 'lost' }, 'setMonitor: "state" must be "on", "needsTap" or "off".'],
    ['disconnect', { direction: 'up' }, 'disconnect: "direction" must be "sender" or "receiver".'],
  ])('says to a person what is wrong with %s %j', (type, args, sentence) => {
    expect(refusalOf(JSON.stringify({ id: 1, type, args })).message).toBe(sentence);
  });

  it('does not say the token it refuses', () => {
    for (const token of ['secret'.repeat(50), ['secretsecret']]) {
      const text = JSON.stringify({ id: 1, type: 'authenticate', args: { token } });
      expect(refusalOf(text).message).not.toContain('secretsecret');
    }
  });
});

describe('isStreamId', () => {
  it.each(['a', '7', 'kitchen-tablet', 'ke-ting', 'a--b', 'x'.repeat(48)])('accepts %s', (id) => {
    expect(isStreamId(id)).toBe(true);
  });

  it.each(['', '-', '-a', 'a-', 'A', 'a b', 'a_b', 'a/b', 'a.b', 'ä', 'a\n', 'x'.repeat(49)])('refuses %j', (id) => {
    expect(isStreamId(id)).toBe(false);
  });
});

it('has every error code once', () => {
  expect(new Set<ErrorCode>(ERROR_CODES).size).toBe(ERROR_CODES.length);
});
