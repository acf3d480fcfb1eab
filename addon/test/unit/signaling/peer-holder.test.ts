import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OfferError } from '../../../src/media/ports.ts';
import { PeerHolder, type PeerLink } from '../../../src/signaling/peer-holder.ts';
import { FakePeer } from '../../fakes/fake-peers.ts';

const onLost = vi.fn();
let holder: PeerHolder<FakePeer<PeerLink>>;

beforeEach(() => {
  vi.useFakeTimers();
  onLost.mockClear();
  holder = new PeerHolder({ connectTimeoutMs: 1000, onLost });
});

afterEach(async () => {
  await holder.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const make =
  (offer: string) =>
  (link: PeerLink): Promise<FakePeer<PeerLink>> =>
    Promise.resolve(new FakePeer(offer, link));

const open = (offer: string): Promise<FakePeer<PeerLink>> => holder.open(make(offer), (peer) => peer);

describe('one peer at a time', () => {
  it('replaces the first by the second, silently', async () => {
    const first = await open('a');
    const second = await open('b');
    expect([first.isClosed, second.isClosed]).toEqual([true, false]);
    expect(holder.peer).toBe(second);
    first.events.closed('late words');
    expect(onLost).not.toHaveBeenCalled();
    expect([first.events.isCurrent(), second.events.isCurrent()]).toEqual([false, true]);
  });

  it('keeps the first when the second is refused', async () => {
    const first = await open('a');
    const refused = holder.open(
      () => Promise.reject(new OfferError('no_opus', 'No Opus.')),
      (peer) => peer,
    );
    await expect(refused).rejects.toMatchObject({ name: 'RequestError', code: 'no_opus', message: 'No Opus.' });
    expect(holder.peer).toBe(first);
    expect(first.isClosed).toBe(false);
  });

  it('tells of a lost peer once and closes it', async () => {
    const peer = await open('a');
    peer.events.closed('DTLS closed');
    peer.events.closed('again');
    expect(onLost).toHaveBeenCalledExactlyOnceWith('DTLS closed');
    expect(peer.isClosed).toBe(true);
    expect(holder.peer).toBeUndefined();
  });

  it('releases without a word', async () => {
    const peer = await open('a');
    await holder.release();
    await holder.release();
    expect(peer.isClosed).toBe(true);
    expect(onLost).not.toHaveBeenCalled();
  });
});

describe('a peer that comes too late', () => {
  it.each(['after the time-out', 'after close()'])('is closed: %s', async (when) => {
    let late: FakePeer<PeerLink> | undefined;
    let answer = (): void => undefined;
    const opening = holder.open(
      (link) =>
        new Promise<FakePeer<PeerLink>>((resolve) => {
          answer = () => {
            late = new FakePeer('late', link);
            resolve(late);
          };
        }),
      (peer) => peer,
    );
    const refused = expect(opening).rejects.toThrow(when === 'after close()' ? 'session is over' : 'within 1000 ms');
    const closing = when === 'after close()' ? holder.close() : vi.advanceTimersByTimeAsync(1000);
    if (when !== 'after close()') await closing;
    await refused;
    answer();
    await closing;
    await holder.close();
    expect(late?.isClosed).toBe(true);
    expect(holder.peer).toBeUndefined();
  });

  it('is closed when it was lost before it was held', async () => {
    let made: FakePeer<PeerLink> | undefined;
    const opening = holder.open(
      (link) => {
        made = new FakePeer('a', link);
        link.closed('died young');
        return Promise.resolve(made);
      },
      (peer) => peer,
    );
    await expect(opening).rejects.toThrow('died young');
    expect(made?.isClosed).toBe(true);
    expect(onLost).not.toHaveBeenCalled();
  });
});

it('settles when making or installing throws', async () => {
  const fails = (): never => {
    throw new Error('fault');
  };
  await expect(holder.open(fails, (peer) => peer)).rejects.toThrow('fault');
  await expect(holder.open(make('a'), fails)).rejects.toThrow('fault');
});
