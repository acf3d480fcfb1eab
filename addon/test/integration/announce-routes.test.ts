/** POST, GET and DELETE /announce through the doors of the main server, with an Announcer on a fake house behind them. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Announcer } from '../../src/speakers/announcer.ts';
import { ChimeBook } from '../../src/speakers/chime-book.ts';
import { FakeHouse } from '../fakes/fake-house.ts';
import { FakeTalks } from '../fakes/fake-talks.ts';
import { httpRig, type HttpRig } from '../support/http-rig.ts';
import { quietLog } from '../support/quiet-log.ts';

const PLAYER = 'media_player.kitchen';

interface Answer {
  status: number;
  body: {
    announcement?: { id: string; over: boolean; targets: { state: string; fault?: string }[] };
    error?: { code: string; message: string };
  };
}

describe('announcements over HTTP', () => {
  let rig: HttpRig;
  let house: FakeHouse;
  let announcer: Announcer;

  beforeEach(async () => {
    house = new FakeHouse().add(PLAYER);
    announcer = new Announcer({
      log: quietLog(),
      house,
      talks: new FakeTalks(),
      urls: { announcementUrl: (playId) => `http://192.168.1.5:8081/key/announcement/${playId}.mp3` },
      chimes: new ChimeBook(),
      delays: { of: () => null, learn: () => undefined },
      options: { chime: 'none', volume: undefined, maxSeconds: 120, overrides: [] },
    });
    rig = await httpRig({ main: { announcer }, trustLoopback: false });
  });

  afterEach(async () => {
    await announcer.close();
    await rig.close();
  });

  async function ask(method: string, path: string, body?: unknown, token: string | null = rig.token): Promise<Answer> {
    const response = await fetch(`${rig.url}${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    return { status: response.status, body: (isJson ? await response.json() : {}) as Answer['body'] };
  }

  it('are begun, looked at and ended', async () => {
    const begun = await ask('POST', '/announce', { targets: PLAYER, volume: 0.5 });
    expect(begun).toMatchObject({
      status: 202,
      body: { announcement: { over: false, targets: [{ state: 'starting' }] } },
    });
    const path = `/announce/${begun.body.announcement?.id}`;
    expect((await ask('GET', path)).body.announcement?.id).toBe(begun.body.announcement?.id);
    expect((await ask('DELETE', path)).status).toBe(200);
    await expect.poll(async () => (await ask('GET', path)).body.announcement?.over, { timeout: 10_000 }).toBe(true);
    expect((await ask('GET', path)).body.announcement?.targets[0]?.state).toBe('stopped');
    expect(house.get(PLAYER)).toMatchObject({ state: 'idle', attributes: { volume_level: 0.3 } });
  });

  it.each<[string, unknown, number, string, RegExp]>([
    ['without targets', {}, 400, 'bad_arguments', /"targets" is missing/],
    ['with a volume in percent', { targets: PLAYER, volume: 50 }, 400, 'bad_arguments', /"volume" must be 0 to 1/],
    [
      'with a chime there is not',
      { targets: PLAYER, chime: 'bang' },
      400,
      'bad_arguments',
      /none, ding, dingdong, gong/,
    ],
    ['in no JSON', '{targets', 400, 'bad_message', /no JSON/],
  ])('are refused %s', async (_, body, status, code, message) => {
    const answer = await ask('POST', '/announce', body);
    expect(answer).toMatchObject({ status, body: { error: { code } } });
    expect(answer.body.error?.message).toMatch(message);
    expect(house.calls).toEqual([]);
  });

  it('are refused to who has no token, in another type, by another method, and of another id', async () => {
    expect((await ask('POST', '/announce', { targets: PLAYER }, null)).status).toBe(401);
    expect((await ask('POST', '/announce', { targets: PLAYER }, 'wrong')).status).toBe(401);
    expect((await ask('GET', '/announce/x', undefined, null)).status).toBe(401);
    expect((await ask('GET', '/announce')).status).toBe(405);
    expect((await ask('PUT', '/announce/x')).status).toBe(405);
    expect(await ask('GET', '/announce/unknown')).toMatchObject({
      status: 404,
      body: { error: { code: 'announcement_not_found' } },
    });
    const form = await fetch(`${rig.url}/announce`, {
      method: 'POST',
      headers: { authorization: `Bearer ${rig.token}` },
      body: new URLSearchParams({ targets: PLAYER }),
    });
    expect(form.status).toBe(415);
    expect(house.calls).toEqual([]);
  });

  it('are answered 503 while Home Assistant is away', async () => {
    house.available = false;
    expect(await ask('POST', '/announce', { targets: PLAYER })).toMatchObject({
      status: 503,
      body: { error: { code: 'no_speakers' } },
    });
  });
});

describe('without Home Assistant', () => {
  it('there are no speakers', async () => {
    const rig = await httpRig();
    const response = await fetch(`${rig.url}/announce`, {
      method: 'POST',
      headers: { authorization: `Bearer ${rig.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ targets: PLAYER }),
    });
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { code: 'no_speakers' } });
    await rig.close();
  });
});

describe('a plain user who comes by ingress', () => {
  it("may not bring another's voice to speakers", async () => {
    const door = {
      isPrivate: true,
      decide: () => ({ kind: 'granted', user: { name: 'Björn', isAdmin: false } }) as const,
    };
    const rig = await httpRig({ main: { door } });
    const response = await fetch(`${rig.url}/announce`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ targets: PLAYER }),
    });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ error: { code: 'forbidden' } });
    await rig.close();
  });
});
