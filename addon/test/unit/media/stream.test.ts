import { expect, test } from 'vitest';
import { SILENCE_DBOV, Stream } from '../../../src/media/stream.ts';
import { FakeSink, packetOf } from '../../fakes/fake-sink.ts';

const openStream = (onSinkError?: (error: unknown) => void): Stream =>
  new Stream({ id: 'kitchen', name: 'Kitchen', ...(onSinkError ? { onSinkError } : {}) });

test('each packet reaches every sink, as the same object', () => {
  const stream = openStream();
  const sinks = [new FakeSink(), new FakeSink()];
  for (const sink of sinks) stream.attach(sink);
  const packet = packetOf(1);
  stream.write(packet);
  expect(sinks.map((sink) => sink.heard[0])).toEqual([packet, packet]);
  expect(sinks[0]?.heard[0]).toBe(packet);
  expect([stream.packetsIn, stream.packetsOut, stream.bytesIn]).toEqual([1, 2, 1]);
});

test('who is heard live gets each packet before those who take a backlog, whoever came first', () => {
  const stream = openStream();
  const order: string[] = [];
  const join = (name: string, takesBacklog?: boolean): void => {
    const sink = Object.assign(new FakeSink(), { write: () => order.push(name) });
    stream.attach(takesBacklog === undefined ? sink : Object.assign(sink, { takesBacklog }));
  };
  join('recording', true);
  join('kitchen');
  join('encoder', true);
  join('office', false);
  stream.write(packetOf(1));
  expect(order).toEqual(['kitchen', 'office', 'recording', 'encoder']);
});

test('a sink that throws disturbs no other and is told once', () => {
  const told: unknown[] = [];
  const stream = openStream((error) => told.push(error));
  const [failing, good] = [new FakeSink(), new FakeSink()];
  failing.failing = true;
  stream.attach(failing);
  stream.attach(good);
  stream.write(packetOf(1));
  stream.write(packetOf(2));
  expect(good.heard).toHaveLength(2);
  expect(stream.sinkErrors).toBe(2);
  expect(told).toHaveLength(1);
});

test('a sink may leave from within a write without another missing the packet', () => {
  const stream = openStream();
  const leaving = new FakeSink();
  leaving.write = () => stream.detach(leaving);
  const staying = new FakeSink();
  stream.attach(leaving);
  stream.attach(staying);
  stream.write(packetOf(1));
  expect(staying.heard).toHaveLength(1);
  expect(stream.sinkCount).toBe(1);
});

test('attaching twice is attaching once; an ended stream takes neither sinks nor packets', () => {
  const stream = openStream();
  const sink = new FakeSink();
  stream.attach(sink);
  stream.attach(sink);
  stream.end();
  stream.end();
  stream.write(packetOf(1));
  stream.attach(new FakeSink());
  expect(sink.events).toEqual(['attached kitchen', 'detached kitchen']);
  expect([sink.heard.length, stream.sinkCount, stream.packetsIn]).toEqual([0, 0, 0]);
});

test('on air is said once, after the first packet', () => {
  const stream = openStream();
  let said = 0;
  stream.onFirstPacket = () => (said += 1);
  stream.write(packetOf(1));
  stream.write(packetOf(2));
  expect(said).toBe(1);
});

test('loss is what is missing by number: late packets give theirs back, wide jumps are new sources', () => {
  const stream = openStream();
  for (const n of [65_534, 65_535, 2, 0]) stream.write(packetOf(n));
  expect(stream.packetsLost).toBe(1);
  stream.write(packetOf(1));
  expect(stream.packetsLost).toBe(0);
  stream.write(packetOf(30_000));
  stream.write(packetOf(30_001));
  expect(stream.packetsLost).toBe(0);
});

test('the level is the loudest since last asked', () => {
  const stream = openStream();
  for (const level of [-50, -20, -80]) stream.write(packetOf(1, level));
  expect([stream.takeLevelDbov(), stream.takeLevelDbov()]).toEqual([-20, SILENCE_DBOV]);
});

test('talk ids cannot be guessed from one another', () => {
  const ids = Array.from({ length: 100 }, () => openStream().talkId);
  expect(new Set(ids).size).toBe(100);
  expect(ids.every((id) => /^[A-Za-z0-9_-]{22}$/.test(id))).toBe(true);
});

test('a backlog reaches those who take one; the others are told and go on live', () => {
  let nowMs = 0;
  const stream = new Stream({ id: 'kitchen', name: 'Kitchen', now: () => nowMs });
  const live = new FakeSink();
  const recording = Object.assign(new FakeSink(), { takesBacklog: true });
  for (const sink of [live, recording]) stream.attach(sink);
  for (let n = 0; n < 50; n += 1, nowMs += 20) stream.write(packetOf(n));
  nowMs += 3000;
  for (let n = 50; n < 200; n += 1) stream.write(packetOf(n));
  for (let n = 200; n < 250; n += 1, nowMs += 20) stream.write(packetOf(n));
  expect(recording.heard).toHaveLength(250);
  expect(recording.events).toEqual(['attached kitchen']);
  expect(stream.packetsStale).toBeGreaterThan(138);
  expect(live.heard).toHaveLength(250 - stream.packetsStale);
  expect(live.heard.slice(-50).map(({ sequenceNumber }) => sequenceNumber)).toEqual(
    Array.from({ length: 50 }, (_, index) => 200 + index),
  );
  expect(live.events).toEqual(['attached kitchen', 'skipped']);
  expect(stream.packetsOut).toBe(live.heard.length + recording.heard.length);
  expect(stream.packetsLost).toBe(0);
});
