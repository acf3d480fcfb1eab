import { expect, test } from 'vitest';
import { Stream } from '../../../../src/media/stream.ts';
import type { TalkPacket, ToWorker } from '../../../../src/media/transcoder/messages.ts';
import { TranscodedTalk } from '../../../../src/media/transcoder/transcoded-talk.ts';
import { packetOf } from '../../../fakes/fake-sink.ts';

const consumer = { chunk: () => undefined, ended: () => undefined };

/** Five packets into a talk that nobody consumed so far. */
function midTalk(): { stream: Stream; talk: TranscodedTalk; posted: ToWorker[]; numbers: () => number[] } {
  let nowMs = 1000;
  const stream = new Stream({ id: 'kitchen', name: 'Kitchen', now: () => nowMs });
  const posted: ToWorker[] = [];
  const talk = new TranscodedTalk({
    number: 7,
    stream,
    post: (message) => posted.push(message) > 0,
    onPacketDropped: () => expect.unreachable('there is a worker'),
    onConsumerError: (error) => expect.unreachable(String(error)),
    onUnused: () => undefined,
  });
  for (let number = 1; number <= 5; number += 1) {
    stream.write(packetOf(number));
    nowMs += 20;
  }
  return { stream, talk, posted, numbers: () => packetsIn(posted).map(({ sequenceNumber }) => sequenceNumber) };
}

function packetsIn(posted: readonly ToWorker[]): TalkPacket[] {
  return posted.flatMap((each) => (each.type === 'packets' ? each.packets : []));
}

test('who joins in mid-talk makes the worker begin with what was just said, once', () => {
  const { stream, talk, posted, numbers } = midTalk();
  expect(posted).toEqual([]);
  const leave = talk.add('mp3', consumer);
  expect(posted[0]).toEqual({ type: 'formats', talk: 7, formats: ['mp3'] });
  expect(numbers()).toEqual([3, 4, 5]);
  const [third, fourth] = packetsIn(posted);
  // As long ago as they came, so that the talk's clock is right from the start.
  expect(fourth!.arrivedAtMs - third!.arrivedAtMs).toBeGreaterThan(15);
  talk.add('mp3', consumer);
  talk.add('wav', consumer);
  expect(numbers()).toEqual([3, 4, 5]);
  stream.write(packetOf(6));
  expect(numbers()).toEqual([3, 4, 5, 6]);
  leave();
});

test('a channel that comes back to a talk goes on from now: it would run ahead of real time otherwise', () => {
  const { stream, talk, numbers } = midTalk();
  talk.add('mp3', { ...consumer, continues: true });
  expect(numbers()).toEqual([]);
  stream.write(packetOf(6));
  expect(numbers()).toEqual([6]);
});

test('of packets of 10 ms two cross to the worker at once, of longer ones each; none waits when the talk is over', () => {
  const { stream, talk, posted } = midTalk();
  const groups = (): number[][] =>
    posted.flatMap((each) =>
      each.type === 'packets' ? [each.packets.map(({ sequenceNumber }) => sequenceNumber)] : [],
    );
  talk.add('mp3', consumer);
  posted.length = 0;
  stream.write(packetOf(6));
  for (const [index, sequenceNumber] of [7, 8, 9].entries()) {
    stream.write({ ...packetOf(sequenceNumber), timestamp: 6 * 960 + 480 * (index + 1) });
  }
  expect(groups()).toEqual([[6], [7, 8]]);
  stream.end();
  expect(groups()).toEqual([[6], [7, 8], [9]]);
  expect(posted.at(-1)).toEqual({ type: 'end', talk: 7 });
});
