import type { Announcement, RequestType } from '@voice-streaming/shared/protocol';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Announcer, Asker } from '../../../src/signaling/ports.ts';
import type { FakeSocket } from '../../fakes/fake-socket.ts';
import { ADMINISTRATOR, deviceKeyOf, signalingRig, type SignalingRig } from '../../support/signaling-rig.ts';

const announcement: Announcement = {
  id: 'one',
  over: false,
  targets: [{ entityId: 'media_player.kitchen', name: 'Kitchen', state: 'starting' }],
};

let rig: SignalingRig;
afterEach(() => rig.close());

/** Answers as told, and remembers who asked. */
class FakeAnnouncer implements Announcer {
  asker: Asker | undefined;
  stopped: string | undefined;
  readonly followers: Asker[] = [];

  speakers(): ReturnType<Announcer['speakers']> {
    return { speakers: [], chimes: ['gong'] };
  }

  announce(asker: Asker): Announcement {
    this.asker = asker;
    return announcement;
  }

  test(asker: Asker): Announcement {
    return this.announce(asker);
  }

  follow(asker: Asker): Announcement[] {
    this.followers.push(asker);
    return [announcement];
  }

  stop(_asker: Asker, id: string): void {
    this.stopped = id;
  }
}

const targets = ['media_player.kitchen'];

async function answerOf(socket: FakeSocket, type: RequestType, args: Record<string, unknown> = {}): Promise<unknown> {
  const id = socket.ask(type, args);
  return vi.waitFor(() => socket.replyTo(id));
}

describe('speakers', () => {
  it('are asked for and told about', async () => {
    const announcer = new FakeAnnouncer();
    rig = await signalingRig({ announcer });
    const card = rig.connect();
    await answerOf(card, 'introduce', { deviceKey: deviceKeyOf('kitchen'), name: 'Kitchen tablet' });
    expect(await answerOf(card, 'getSpeakers')).toMatchObject({ result: { speakers: [], chimes: ['gong'] } });
    expect(await answerOf(card, 'announce', { targets })).toMatchObject({ result: { announcement } });
    expect(announcer.asker).toMatchObject({ streamId: 'kitchen-tablet' });
    announcer.asker?.tell({ ...announcement, over: true });
    expect(card.all('announcement')).toMatchObject([{ announcement: { id: 'one', over: true } }]);
    await answerOf(card, 'stopAnnouncement', { announcementId: 'one' });
    expect(announcer.stopped).toBe('one');
  });

  it('are told of again to a device that comes back, each session once', async () => {
    const announcer = new FakeAnnouncer();
    rig = await signalingRig({ announcer });
    const card = rig.connect();
    await answerOf(card, 'introduce', { deviceKey: deviceKeyOf('kitchen'), name: 'Kitchen tablet' });
    const result = { announcements: [announcement] };
    expect(await answerOf(card, 'getAnnouncements')).toMatchObject({ result });
    expect(await answerOf(card, 'getAnnouncements')).toMatchObject({ result });
    const [first, second] = announcer.followers;
    expect(first).toMatchObject({ streamId: 'kitchen-tablet' });
    expect(second!.tell).toBe(first!.tell);
    first!.tell({ ...announcement, over: true });
    expect(card.all('announcement')).toMatchObject([{ announcement: { id: 'one', over: true } }]);
  });

  it('hear another’s voice only if an administrator says so', async () => {
    rig = await signalingRig({ announcer: new FakeAnnouncer() });
    const [card, administrator] = [rig.connect(), rig.connect(ADMINISTRATOR)];
    expect(await answerOf(card, 'announce', { targets })).toMatchObject({ code: 'not_introduced' });
    expect(await answerOf(card, 'announce', { targets, streamId: 'hall' })).toMatchObject({ code: 'forbidden' });
    expect(await answerOf(card, 'announce', { targets, talkId: 'x' })).toMatchObject({ code: 'forbidden' });
    expect(await answerOf(administrator, 'announce', { targets, streamId: 'hall' })).toMatchObject({ result: {} });
  });

  it('are not there without Home Assistant', async () => {
    rig = await signalingRig();
    expect(await answerOf(rig.connect(ADMINISTRATOR), 'getSpeakers')).toMatchObject({ code: 'no_speakers' });
  });
});
