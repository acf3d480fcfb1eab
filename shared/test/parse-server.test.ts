import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../src/errors.ts';
import { parseServerMessage } from '../src/parse.ts';
import type { ServerMessage } from '../src/protocol.ts';

const fixtures = JSON.parse(readFileSync(new URL('fixtures/v1/server.json', import.meta.url), 'utf8')) as Record<
  string,
  ServerMessage
>;

describe('messages of version 1', () => {
  it.each(Object.entries(fixtures))('reads %s as it stands', (_name, message) => {
    expect(parseServerMessage(JSON.stringify(message))).toEqual(message);
  });

  it('has a fixture for every message', () => {
    const types: ServerMessage['type'][] = [
      'result',
      'error',
      'hello',
      'streams',
      'onAir',
      'talkEnded',
      'levels',
      'slots',
      'disconnected',
      'announcement',
      'alive',
      'bye',
    ];
    expect(new Set(Object.values(fixtures).map(({ type }) => type))).toEqual(new Set(types));
  });

  it('drops fields of a newer server', () => {
    expect(parseServerMessage('{"type":"onAir","talkId":"x","later":1}')).toEqual({ type: 'onAir', talkId: 'x' });
  });

  it('keeps an error code it does not know', () => {
    const text = '{"type":"error","id":1,"code":"of_tomorrow","message":"New."}';
    expect(parseServerMessage(text)).toMatchObject({ code: 'of_tomorrow' });
  });
});

describe('what is no message', () => {
  it.each([
    '',
    'null',
    '[]',
    '{}',
    '{"type":"greeting"}',
    '{"type":"__proto__"}',
    '{"type":"constructor"}',
    '{"type":"bye","reason":"bored"}',
    '{"type":"onAir"}',
    '{"type":"levels","levels":{"kitchen":"loud"}}',
    '{"type":"slots","slots":{"0":7}}',
    '{"type":"streams","streams":[{"id":"kitchen"}]}',
    '{"type":"streams","streams":[{"id":"a","name":"A","live":false,"since":null,"receivers":0,"listeners":0,"monitor":{"state":"asleep","lastSoundAt":null}}]}',
    '{"type":"talkEnded","talkId":"x","reason":"bored"}',
    '{"type":"error","id":"1","code":"internal","message":"x"}',
    '{"type":"disconnected","direction":"up","reason":"x"}',
    '{"type":"hello","protocolVersion":1}',
  ])('refuses %s', (text) => {
    expect(() => parseServerMessage(text)).toThrow(ProtocolError);
  });

  it('reads no prototype out of a record', () => {
    const message = parseServerMessage('{"type":"levels","levels":{"__proto__":-1,"kitchen":-20}}');
    expect(message).toEqual({ type: 'levels', levels: { kitchen: -20 } });
  });
});
