import { RequestError, type ErrorCode } from '@voice-streaming/shared/errors';
import { expect, it } from 'vitest';
import { sayTrouble } from '../src/texts.ts';
import { troubleOf } from '../src/trouble.ts';

it.each<[ErrorCode, string]>([
  ['server_full', 'serverFull'],
  ['may_not_talk', 'mayNotTalk'],
  ['may_not_listen', 'mayNotListen'],
])('%s has words of its own, not those of the server', (error, code) => {
  const trouble = troubleOf(new RequestError(error, 'The sentence of the server.'));
  expect(trouble).toEqual({ code });
  expect(Object.values(sayTrouble(trouble)).join()).not.toContain('The sentence of the server.');
});

it('what else is refused is told in the words of the server', () => {
  expect(troubleOf(new RequestError('stream_busy', 'Busy.'))).toEqual({ code: 'refused', detail: 'Busy.' });
});
