import { describe, expect, it } from 'vitest';
import { parseAnnounceRequest } from '../../../src/speakers/announce-request.ts';

describe('parseAnnounceRequest', () => {
  it.each([
    [{ targets: 'media_player.a' }, { targets: ['media_player.a'], streamId: 'latest' }],
    [{ targets: 'media_player.a, media_player.b' }, { targets: ['media_player.a', 'media_player.b'] }],
    [{ targets: ['media_player.a'], stream: 'kitchen-tablet' }, { streamId: 'kitchen-tablet' }],
    [
      { targets: ['media_player.a'], stream: 12, chime: 2 },
      { streamId: '12', chime: '2' },
    ],
    [{ targets: ['media_player.a'], talk_id: 'x'.repeat(22) }, { talkId: 'x'.repeat(22) }],
    [
      { targets: ['media_player.a'], volume: '0.4', max_seconds: '20' },
      { volume: 0.4, maxSeconds: 20 },
    ],
    [
      { targets: ['media_player.a'], chime: null, stream: null, restore: false },
      { restore: false, chime: undefined },
    ],
  ])('takes %o', (data, wish) => {
    expect(parseAnnounceRequest(data)).toMatchObject(wish);
  });

  it.each<[unknown, RegExp]>([
    [undefined, /^An announcement is an object with "targets"/],
    ['media_player.a', /^An announcement is an object/],
    [[], /^An announcement is an object|"targets" is missing/],
    [{}, /^"targets" is missing\.$/],
    [{ targets: null }, /^"targets" is missing\.$/],
    [{ targets: [] }, /^"targets" is empty: name at least one media player\.$/],
    [{ targets: 5 }, /^"targets" must be an entity id, or a list of them\.$/],
    [{ targets: [5] }, /^"targets\.0" must be a text\.$/],
    [{ targets: ['Kitchen'] }, /^"targets\.0" must be like media_player\.kitchen\.$/],
    [{ targets: new Array<string>(33).fill('media_player.a') }, /^"targets" lists more than 32/],
    [{ targets: ['media_player.a'], volume: 40 }, /^"volume" must be 0 to 1\.$/],
    [{ targets: ['media_player.a'], volume: 'loud' }, /^"volume" must be a number\.$/],
    [{ targets: ['media_player.a'], volume: '-1' }, /^"volume" must be a number\.$/],
    [{ targets: ['media_player.a'], stream: 'Kitchen Tablet' }, /^"stream" must be the id of a stream/],
    [{ targets: ['media_player.a'], talk_id: '../x' }, /^"talk_id" must be the id of a talk\.$/],
    [{ targets: ['media_player.a'], restore: 'no' }, /^"restore" must be true or false\.$/],
    [{ targets: ['media_player.a'], max_seconds: 0 }, /^"max_seconds" must be 1 to 600\.$/],
    [
      { entity_id: 'media_player.a', targets: 'media_player.a' },
      /^"entity_id" is no field .*there are targets, stream/,
    ],
  ])('complains of %o', (data, complaint) => {
    expect(() => parseAnnounceRequest(data)).toThrow(complaint);
    expect(() => parseAnnounceRequest(data)).toThrow(expect.objectContaining({ code: 'bad_arguments' }) as Error);
  });
});
