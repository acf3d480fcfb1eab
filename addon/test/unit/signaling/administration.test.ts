import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { MediaUrls } from '@voice-streaming/shared/protocol';
import { ADMINISTRATOR, deviceKeyOf, signalingRig, type SignalingRig } from '../../support/signaling-rig.ts';

const urlsOf = (id: string): MediaUrls => ({ id, mp3Url: `${id}.mp3`, wavUrl: `${id}.wav` });
const rotate = vi.fn((id: string | undefined, known: readonly string[]) =>
  Promise.resolve((id === undefined ? ['latest', ...known] : [id]).map(urlsOf)),
);
const examine = vi.fn(() => ({
  checks: [{ check: 'mqtt', state: 'failed' as const, why: 'No broker.' }],
  hostAddress: { address: '192.168.1.5', source: 'core' as const },
}));

let rig: SignalingRig;

beforeEach(async () => {
  rotate.mockClear();
  examine.mockClear();
  rig = await signalingRig({
    mediaUrls: { isReachable: true, urlsOf, rotate },
    doctor: { examine, diagnose: () => Promise.resolve({}) },
  });
});

afterEach(() => rig.close());

it('plain users neither renew keys nor see how the server is', async () => {
  const user = rig.connect();
  const [all, latest, doctor] = [
    user.ask('rotateMediaKeys', {}),
    user.ask('rotateMediaKeys', { streamId: 'latest' }),
    user.ask('getDoctor', {}),
  ];
  for (const id of [all, latest, doctor]) {
    await vi.waitFor(() => expect(user.replyTo(id)).toMatchObject({ type: 'error', code: 'forbidden' }));
  }
  expect([rotate, examine].map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
});

it('an administrator renews the keys of all, of one, of a device that is away, and of nothing that nobody knows', async () => {
  const away = rig.connect();
  away.ask('introduce', { deviceKey: deviceKeyOf('away'), name: 'Away' });
  away.close(1000);
  rig.whip('door');
  const admin = rig.connect(ADMINISTRATOR);
  const dead = async (args: { streamId?: string }): Promise<unknown> => {
    const id = admin.ask('rotateMediaKeys', args);
    return vi.waitFor(() => admin.replyTo(id));
  };
  expect(await dead({})).toMatchObject({ result: { dead: [urlsOf('latest'), urlsOf('door')] } });
  expect(await dead({ streamId: 'latest' })).toMatchObject({ result: { dead: [urlsOf('latest')] } });
  expect(await dead({ streamId: 'door' })).toMatchObject({ result: { dead: [urlsOf('door')] } });
  expect(await dead({ streamId: 'away' })).toMatchObject({ result: { dead: [urlsOf('away')] } });
  expect(await dead({ streamId: 'nobody' })).toMatchObject({ code: 'stream_not_found' });
  expect(rotate.mock.calls.map(([id]) => id)).toEqual([undefined, 'latest', 'door', 'away']);
});

it('an administrator sees how the server is', async () => {
  const admin = rig.connect(ADMINISTRATOR);
  const id = admin.ask('getDoctor', {});
  await vi.waitFor(() => expect(admin.replyTo(id)).toMatchObject({ type: 'result', result: examine() }));
});
