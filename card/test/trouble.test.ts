import { RequestError, type ErrorCode } from '@voice-streaming/shared/errors';
import { expect, it } from 'vitest';
import { en } from '../src/translations/en.ts';
import { troubleOf, type TroubleCode } from '../src/trouble.ts';

it.each<[ErrorCode, TroubleCode]>([
  ['server_full', 'serverFull'],
  ['may_not_talk', 'mayNot'],
  ['may_not_listen', 'mayNot'],
])('%s has words of its own, not those of the server', (error, code) => {
  expect(troubleOf(new RequestError(error, 'The sentence of the server.'))).toEqual({ code });
  expect(en.troubles[code].join()).not.toContain('{detail}');
});

it('what else is refused is told in the words of the server', () => {
  expect(troubleOf(new RequestError('stream_busy', 'Busy.'))).toEqual({ code: 'refused', detail: 'Busy.' });
});
