/** Each fault is named, counted, ends nobody's session and leaks nothing; abuse ends its own. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signalingHost, type SignalingHost } from '../support/signaling-host.ts';
import type { SignalingClient } from '../support/signaling-client.ts';
import { deviceKeyOf } from '../support/signaling-rig.ts';

let host: SignalingHost;

afterEach(() => host.close());

describe('bad input', () => {
  let client: SignalingClient;
  let bystander: SignalingClient;

  beforeEach(async () => {
    host = await signalingHost();
    client = await host.open();
    bystander = await host.open();
  });

  /** The session goes on, and nobody else noticed. */
  async function expectUndisturbed(): Promise<void> {
    expect(await client.get('listen', { to: 'latest' })).toEqual({});
    expect(await bystander.get('listen', { to: 'latest' })).toEqual({});
    expect(bystander.all('error')).toEqual([]);
    expect([...client.all('bye'), ...bystander.all('bye')]).toEqual([]);
  }

  it.each([
    ['no JSON', 'hello?', 'bad_message'],
    ['an empty message', '', 'bad_message'],
    ['an unknown type', '{"id":900,"type":"sing","args":{}}', 'unknown_type'],
    ['a type of Object.prototype', '{"id":900,"type":"__proto__","args":{}}', 'unknown_type'],
    ['wrong fields', '{"id":900,"type":"listen","args":{"too":"latest"}}', 'bad_arguments'],
    ['listening to an empty list', '{"id":900,"type":"listen","args":{"to":[]}}', 'bad_arguments'],
    ['a binary frame', Buffer.from('{"id":900,"type":"stopTalk"}'), 'bad_message'],
    ['a message of 1 MB', `{"id":900,"type":"stopTalk","pad":"${'x'.repeat(1_000_000)}"}`, 'message_too_large'],
    ['a message of 1 MiB', 'x'.repeat(1_048_576), 'message_too_large'],
    [
      'an offer of 500 KB',
      `{"id":900,"type":"connectSender","args":{"offer":"${'a'.repeat(500_000)}"}}`,
      'message_too_large',
    ],
    ['an empty offer', '{"id":900,"type":"connectSender","args":{"offer":""}}', 'bad_arguments'],
  ])('%s', async (_name, data, code) => {
    const error = await client.refusalOf(data);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/^.{10,200}\.$/);
    expect(host.rig.server.stats().errors).toEqual({ [code]: 1 });
    await expectUndisturbed();
  });

  it('a frame beyond all measure: its connection is closed, its peers too', async () => {
    await client.get('connectSender', { offer: 'x' });
    client.webSocket.send('x'.repeat(host.rig.server.limits.maxFrameBytes + 1));
    await client.closed;
    await expect.poll(() => host.rig.peers.open, { interval: 5 }).toBe(0);
    expect(bystander.all('bye')).toEqual([]);
  });

  it('bytes that are no WebSocket frame', async () => {
    const socket = (client.webSocket as unknown as { _socket: NodeJS.WritableStream })._socket;
    socket.write(Buffer.alloc(64, 0xff));
    await client.closed;
    await expect.poll(() => host.rig.server.stats().clients, { interval: 5 }).toBe(1);
    expect(await bystander.get('listen', { to: null })).toEqual({});
  });

  it('text that is not UTF-8', async () => {
    client.webSocket.send(Buffer.from([0xc3, 0x28]), { binary: false });
    await client.closed;
    expect(await bystander.get('listen', { to: null })).toEqual({});
  });

  it.each([
    ['empty', '', 'stream-1', 'Unnamed'],
    ['emoji', '🎉🎊', 'stream-1', '🎉🎊'],
    ['300 characters', 'x'.repeat(300), 'x'.repeat(48), 'x'.repeat(64)],
    ['"Latest"', 'Latest', 'latest-2', 'Latest'],
    ['"客厅"', '客厅', 'ke-ting', '客厅'],
    ['control characters', 'a\u0000\u202eb\r\nc', 'a-b-c', 'a b c'],
  ])('a name that is %s', async (_name, name, streamId, shown) => {
    expect(await client.get('introduce', { deviceKey: deviceKeyOf('x'), name })).toEqual({ streamId });
    const isListed = await bystander.event('streams', ({ streams }) => streams.length === 1);
    expect(isListed.streams).toMatchObject([{ id: streamId, name: shown }]);
    await expectUndisturbed();
  });

  it('listening to nothing, and to nobody', async () => {
    expect(await client.get('listen', { to: null })).toEqual({});
    expect(await client.get('listen', { to: ['nobody-here'] })).toEqual({});
    await expectUndisturbed();
  });

  it('stopping twice', async () => {
    await client.get('introduce', { deviceKey: deviceKeyOf('x'), name: 'X' });
    await client.get('connectSender', { offer: 'x' });
    await client.get('startTalk', {});
    expect(await client.ask('stopTalk', {})).toMatchObject({ type: 'result' });
    expect(await client.ask('stopTalk', {})).toMatchObject({ type: 'error', code: 'not_talking' });
    await expectUndisturbed();
  });
});

describe('abuse', () => {
  it('ends with a bye, for the abuser alone', async () => {
    host = await signalingHost();
    const abuser = await host.open();
    const bystander = await host.open();
    for (let n = 0; n < 500; n += 1) abuser.webSocket.send(`{"id":${n},"type":"listen","args":{"to":null}}`);
    expect(await abuser.event('bye')).toEqual({ type: 'bye', reason: 'tooManyErrors' });
    expect(await abuser.closed).toBe(1008);
    const replies = abuser.said.filter((message) => message.type === 'result' || message.type === 'error');
    expect(new Set(replies.map(({ id }) => id)).size).toBe(replies.length);
    expect(await bystander.get('listen', { to: null })).toEqual({});
    const told = host.rig.log.lines.map((line) => line.split(':')[0]);
    expect(told).toEqual(['WARN messages_per_second', 'WARN rate_limited', 'WARN faults']);
  });

  it('a client that does not read is ended, its talk too, and the others are not', async () => {
    host = await signalingHost({ maxSendBufferBytes: 200_000, maxMessageBurst: 2000 });
    const deaf = await host.ready('deaf');
    await deaf.get('startTalk', {});
    deaf.webSocket.pause();
    const bystander = await host.open();
    const offer = 'x'.repeat(60_000);
    // Sent in rounds, so that the answers fill what the kernel buffers.
    for (let id = 1000; id < 1500 && host.rig.relay.live.length > 0; id += 1) {
      await new Promise((sent) =>
        deaf.webSocket.send(JSON.stringify({ id, type: 'connectReceiver', args: { offer } }), sent),
      );
    }
    await expect.poll(() => host.rig.server.stats().byes, { interval: 5 }).toEqual({ tooSlow: 1 });
    expect(host.rig.relay.live).toEqual([]);
    await expect.poll(() => host.rig.server.stats().clients, { interval: 20, timeout: 5000 }).toBe(1);
    expect(await bystander.get('listen', { to: null })).toEqual({});
    deaf.webSocket.terminate();
  });

  it('a client that answers no ping is gone', async () => {
    host = await signalingHost({ pingIntervalMs: 20, pingTimeoutMs: 60 });
    const silent = await host.open({ autoPong: false });
    const lively = await host.open();
    await silent.closed;
    expect(silent.all('bye')).toEqual([]);
    await expect.poll(() => host.rig.server.stats().clients, { interval: 5 }).toBe(1);
    expect(await lively.get('listen', { to: null })).toEqual({});
  });
});
