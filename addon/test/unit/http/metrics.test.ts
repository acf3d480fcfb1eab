import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express, { type RequestHandler } from 'express';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Metrics } from '../../../src/http/metrics.ts';
import type { StatusSources } from '../../../src/http/ports.ts';
import { Status, type Health } from '../../../src/http/status.ts';
import { NO_TALK_STATS } from '../../../src/media/transcoder/messages.ts';
import { Relay } from '../../../src/media/relay.ts';
import { FakeSink, packetOf } from '../../fakes/fake-sink.ts';
import { quietLog } from '../../support/quiet-log.ts';

let relay: Relay;
let status: Status;
let metrics: Metrics;
let audioServerRunning: boolean;

const sources: StatusSources = {
  signaling: {
    stats: () => ({
      clients: 3,
      senderPeers: 1,
      receiverPeers: 2,
      messagesIn: 40,
      errors: { bad_offer: 2 },
      packetsDropped: 5,
    }),
  },
  transcoder: {
    stats: () => ({
      streams: {
        door: { ...NO_TALK_STATS, concealedFrames: 4, mp3EncodeMs: 250 },
        nursery: { ...NO_TALK_STATS, concealedFrames: 9 },
      },
      encoders: [
        { streamId: 'door', format: 'mp3', listeners: 2, concealed: 4, encodeMs: 300 },
        { streamId: 'nursery', format: 'wav', listeners: 1, concealed: 9, encodeMs: 1 },
      ],
      totals: NO_TALK_STATS,
      listeners: 3,
      programmeListeners: 2,
      encodedBytes: 4096,
      workerRunning: true,
      workerRestarts: 1,
      droppedPackets: 0,
      droppedChunks: 0,
    }),
  },
  talks: { stats: () => ({ talks: 8, bytes: 65_536 }) },
  announcer: { stats: () => ({ announcements: 5, underWay: 1, endings: { done: 6, neverFetched: 2 }, refused: 3 }) },
  listeners: { totalBytes: 12_345, droppedListeners: 6, refusedListeners: 7 },
  wish: { stats: () => ({ whip: 1, whep: 4 }) },
  webrtcAvailable: () => true,
  audioServerRunning: () => audioServerRunning,
};

/** What a handler answers to a GET. */
async function answerOf(handler: RequestHandler): Promise<{ status: number; body: Health }> {
  const server = express().use(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const body = (await response.json()) as Health;
  server.closeAllConnections();
  server.close();
  return { status: response.status, body };
}

beforeEach(() => {
  audioServerRunning = true;
  relay = new Relay({ log: quietLog() });
  status = new Status({ relay, sources });
  metrics = new Metrics({ relay, sources, status });
  const door = relay.start({ id: 'door', name: 'Door' });
  door.attach(new FakeSink('0'));
  door.attach(new FakeSink('1'));
  for (const sequenceNumber of [1, 2, 5]) door.write(packetOf(sequenceNumber));
  relay.start({ id: 'nursery', name: 'Nursery', private: true }).write(packetOf(1));
});

afterEach(async () => {
  await metrics.close();
  await relay.close();
});

test('/metrics has what operators look for, by stream', async () => {
  const text = await metrics.text();
  const lines = text.split('\n');
  for (const expected of [
    'voice_streaming_clients 3',
    'voice_streaming_errors_total{code="bad_offer"} 2',
    'voice_streaming_peers{direction="sender"} 2',
    'voice_streaming_peers{direction="receiver"} 6',
    'voice_streaming_streams 2',
    'voice_streaming_talks_total 2',
    'voice_streaming_stream_packets_in_total{stream="door"} 3',
    'voice_streaming_stream_packets_out_total{stream="door"} 6',
    'voice_streaming_stream_packets_lost_total{stream="door"} 2',
    'voice_streaming_transcode_concealed_frames_total{stream="door"} 4',
    'voice_streaming_transcode_mp3_encode_seconds_total{stream="door"} 0.25',
    'voice_streaming_stream_listeners{stream="door",format="mp3"} 2',
    'voice_streaming_listeners 3',
    'voice_streaming_listener_bytes_total 12345',
    'voice_streaming_listeners_dropped_total 6',
    'voice_streaming_announcements_total 5',
    'voice_streaming_announcements_refused_total 3',
    'voice_streaming_announcements 1',
    'voice_streaming_announcement_speakers_total{kind="neverFetched"} 2',
  ]) {
    expect(lines).toContain(expected);
  }
  expect(text).toMatch(/^voice_streaming_event_loop_delay_seconds\{quantile="0.99"\} [\d.e-]+$/m);
  expect(text).toMatch(/^voice_streaming_resident_memory_bytes \d{7,}$/m);
});

test('a second scrape counts nothing twice, an ended stream is gone', async () => {
  await metrics.text();
  expect(await metrics.text()).toContain('\nvoice_streaming_stream_packets_in_total{stream="door"} 3\n');
  relay.end(relay.get('door')!, 'stopped');
  expect(await metrics.text()).not.toContain('stream_packets_in_total{stream="door"}');
});

test('no text names a private stream', async () => {
  expect(await metrics.text()).not.toContain('nursery');
  expect(JSON.stringify([status.health(), status.streams(true), metrics.json()])).not.toContain('nursery');
});

test('JSON has the fields of the predecessor', () => {
  expect(metrics.json()).toEqual({
    uptime_seconds: expect.any(Number) as number,
    active_connections: 8,
    active_streams: 2,
    total_audio_bytes: 12_345,
    webrtc_available: true,
  });
});

test('two in one process share no numbers', async () => {
  const other = new Metrics({ relay: new Relay({ log: quietLog() }), sources, status });
  expect(await other.text()).toContain('\nvoice_streaming_streams 0\n');
  await other.close();
  expect(await metrics.text()).toContain('\nvoice_streaming_streams 2\n');
});

test('health: the fields of the predecessor, degraded without a media server', () => {
  expect(status.health()).toEqual({
    status: 'healthy',
    webrtc_available: true,
    audio_server_running: true,
    active_streams: 1,
    connected_clients: 3,
    uptime_seconds: expect.any(Number) as number,
  });
  audioServerRunning = false;
  expect(status.health()).toMatchObject({ status: 'degraded', audio_server_running: false });
});

test('health: says what fails, in the log once, also when nothing makes MP3 for those who wait', async () => {
  let workerRunning = true;
  let nowMs = 0;
  const log = quietLog();
  const transcoder = { stats: () => ({ ...sources.transcoder.stats(), workerRunning }) };
  const honest = new Status({ relay, sources: { ...sources, transcoder }, log, now: () => nowMs });
  const ask = async (): Promise<[number, string[]]> => {
    const { status: code, body } = await answerOf(honest.healthHandler());
    return [code, body.reasons ?? []];
  };
  expect(await ask()).toEqual([200, []]);
  workerRunning = false;
  expect(await ask()).toEqual([200, []]);
  nowMs = 30_000;
  for (let look = 0; look < 2; look += 1) {
    expect(await ask()).toEqual([503, ['What makes MP3 and WAV does not come back.']]);
  }
  audioServerRunning = false;
  expect((await ask())[1]).toHaveLength(2);
  workerRunning = true;
  audioServerRunning = true;
  expect(await ask()).toEqual([200, []]);
  expect(log.lines.map((line) => line.slice(0, 71))).toEqual([
    'ERROR /health fails, a watchdog may restart this server: What makes MP3',
    'ERROR /health fails, a watchdog may restart this server: The server for',
  ]);
  workerRunning = false;
  expect(await ask()).toEqual([200, []]);
});

test('health: fails while UDP does not work or nothing gets its turn, with the reason, in the log once', async () => {
  let trouble: string | undefined;
  let blockedMs = 4_900;
  const log = quietLog();
  const udpTrouble = (): Promise<string | undefined> => Promise.resolve(trouble);
  const honest = new Status({ relay, sources: { ...sources, udpTrouble, blockedMs: () => blockedMs }, log });
  expect(await answerOf(honest.healthHandler())).toMatchObject({ status: 200, body: { status: 'healthy' } });
  trouble = 'send EPERM 127.0.0.1:50000';
  for (let look = 0; look < 2; look += 1) {
    const { status: code, body } = await answerOf(honest.healthHandler());
    expect([code, body.status, body.webrtc_available]).toEqual([503, 'degraded', false]);
    expect(body.reasons).toEqual([expect.stringMatching(/UDP does not work .*EPERM.*udp_ports\.$/)]);
  }
  expect(honest.checks()[0]).toMatchObject({
    check: 'webrtc',
    state: 'failed',
    why: expect.stringContaining('UDP does not work') as string,
  });
  trouble = undefined;
  blockedMs = 5_100;
  const { status: code, body } = await answerOf(honest.healthHandler());
  expect([code, body.webrtc_available]).toEqual([503, true]);
  expect(body.reasons).toEqual([expect.stringContaining('nothing got its turn')]);
  blockedMs = 0;
  expect((await answerOf(honest.healthHandler())).status).toBe(200);
  expect(log.lines).toHaveLength(2);
});

test('/stream/status has ids only where whoever asks could listen', () => {
  expect(status.streams(false)).toEqual({ active_streams: 1, listeners: 3 });
  expect(status.streams(true)).toEqual({
    active_streams: 1,
    listeners: 3,
    streams: [{ id: 'door', name: 'Door', since: expect.any(Number) as number, listeners: 2 }],
  });
});

test('a private talk that has ended is not named while its last words are encoded', async () => {
  const nursery = relay.get('nursery');
  if (nursery) relay.end(nursery, 'stopped');
  expect(await metrics.text()).not.toContain('nursery');
});
