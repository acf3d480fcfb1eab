import { afterEach, expect, it, vi } from 'vitest';
import type { RecordedTalk } from '../../../src/media/ports.ts';
import { ADMINISTRATOR, deviceKeyOf, signalingRig, type SignalingRig } from '../../support/signaling-rig.ts';

const talk = (talkId: string, streamId: string, isPrivate: boolean): RecordedTalk => ({
  talkId,
  streamId,
  name: streamId,
  private: isPrivate,
  user: 'Ada',
  startedAtMs: 1_790_000_000_000,
  ended: true,
  durationMs: 1500,
  onEnded: () => () => undefined,
  read: () => () => undefined,
});
const said = [talk('private-one', 'kitchen', true), talk('dinner', 'kitchen', false)];

let rig: SignalingRig;
afterEach(() => rig.close());

it('keeps nothing to be heard again unless it is told to', async () => {
  rig = await signalingRig();
  const user = rig.connect();
  const id = user.ask('getReplays', {});
  await vi.waitFor(() => expect(user.replyTo(id)).toMatchObject({ result: { replayMs: 0, replays: [] } }));
});

it('tells what was said, with a path that plays it', async () => {
  rig = await signalingRig({ replays: { replayMs: 600_000, replays: () => said.slice(1) } });
  const user = rig.connect();
  const id = user.ask('getReplays', {});
  await vi.waitFor(() =>
    expect(user.replyTo(id)).toMatchObject({
      result: {
        replayMs: 600_000,
        replays: [
          {
            talkId: 'dinner',
            streamId: 'kitchen',
            name: 'kitchen',
            user: 'Ada',
            startedAt: 1_790_000_000_000,
            durationMs: 1500,
            private: false,
            path: 'replay/ticket/dinner.mp3',
          },
        ],
      },
    }),
  );
});

it.each([
  ['a plain user', ['dinner']],
  ['the device that said it', ['private-one', 'dinner']],
  ['an administrator', ['private-one', 'dinner']],
])('%s hears again what it was allowed to hear', async (who, heard) => {
  rig = await signalingRig({ replays: { replayMs: 600_000, replays: () => said } });
  const client = who === 'an administrator' ? rig.connect(ADMINISTRATOR) : rig.connect();
  if (who === 'the device that said it')
    client.ask('introduce', { deviceKey: deviceKeyOf('kitchen'), name: 'Kitchen' });
  const id = client.ask('getReplays', {});
  await vi.waitFor(() => {
    const { result } = client.replyTo(id) as { result: { replays: { talkId: string }[] } };
    expect(result.replays.map(({ talkId }) => talkId)).toEqual(heard);
  });
});
