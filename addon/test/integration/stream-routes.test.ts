/** What each request on a stream path gets, byte for byte where clients are picky. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorHandler, notFound } from '../../src/http/plain.ts';
import { createStreamRoutes } from '../../src/http/stream-routes.ts';
import { LimitBreaches } from '../../src/media/limit-breaches.ts';
import { Relay } from '../../src/media/relay.ts';
import { Transcoder } from '../../src/media/transcoder/transcoder.ts';
import { encodeOpus, OpusVoice, tone } from '../support/opus-voice.ts';
import { once } from '../support/once.ts';
import { Player, raw, request } from '../support/player.ts';
import { quietLog } from '../support/quiet-log.ts';

const KEY = 'abcdefghijklmnopqrstuv';
const WRONG = 'bbcdefghijklmnopqrstuv';
const workerUrl = new URL('../../dist/transcoder-worker.js', import.meta.url);
const browser = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

const log = quietLog();
const breaches = new LimitBreaches({ log });
const relay = new Relay({ log });
const transcoder = new Transcoder({ log, relay, workerUrl, idleMs: 0 });
/** With keys, as the media server; open, as a door that has checked already. */
const servers: Record<'keyed' | 'open', Server> = {
  keyed: createServer(),
  open: createServer(),
};
const checked: string[] = [];

function port(which: keyof typeof servers): number {
  return (servers[which].address() as AddressInfo).port;
}
function url(path: string, which: keyof typeof servers = 'keyed'): string {
  return `http://127.0.0.1:${port(which)}${path}`;
}

/** All that a client sees but the date. */
async function seen(path: string, init: RequestInit = {}): Promise<Record<string, unknown>> {
  const response = await fetch(url(path), init);
  const headers = Object.fromEntries([...response.headers].filter(([name]) => name !== 'date'));
  return { status: response.status, headers, body: await response.text() };
}

beforeAll(async () => {
  const checkKey = (key: string, kind: string, id: string): boolean => {
    checked.push(`${kind}:${id}`);
    return key === KEY;
  };
  for (const [name, options] of Object.entries({ keyed: { checkKey }, open: {} })) {
    const app = express().disable('x-powered-by');
    app.use(createStreamRoutes({ transcoder, relay, log, breaches, limits: { maxListeners: 3 }, ...options }));
    app.use(notFound, errorHandler(log));
    servers[name as keyof typeof servers].on('request', app);
    await new Promise<void>((resolve) => servers[name as keyof typeof servers].listen(0, '127.0.0.1', resolve));
  }
  relay.start({ id: 'hidden', name: 'Hidden', private: true });
  relay.start({ id: 'kitchen', name: "Anna's Kitchen" });
});

afterAll(async () => {
  await relay.close();
  await transcoder.close();
  await Promise.all(Object.values(servers).map((server) => new Promise((resolve) => server.close(resolve))));
});

describe('refusals', () => {
  it('answers a wrong key, an unknown id, an idle stream, channel and talk alike', async () => {
    const expected = await seen(`/${WRONG}/stream/kitchen.mp3`);
    expect(expected).toMatchObject({ status: 404, body: 'Not found.\n' });
    expect((expected['headers'] as Record<string, string>)['content-type']).toBe('text/plain; charset=utf-8');
    for (const path of [
      `/${KEY}/stream/nobody.mp3`,
      `/${WRONG}/stream/nobody.mp3`,
      `/${WRONG}/stream/latest.wav`,
      '/stream/kitchen.mp3',
      `/${KEY}/channel/nobody.mp3`,
      `/${WRONG}/channel/kitchen.mp3`,
      `/${KEY}/talk/nobody-said-this.mp3`,
      `/${WRONG}/talk/nobody-said-this.mp3`,
      `/${KEY}/announcement/nobody-asked.mp3`,
      `/${KEY}/talk/short.mp3`,
      `/${KEY}/stream/kitchen.ogg`,
      `/${KEY}/stream/kitchen`,
      `/${KEY}/stream/Kitchen.mp3`,
      `/${KEY}/stream/..%2f..%2fetc.mp3`,
      `/${KEY}/stream/%E0%A4%A`,
      '/%E0%A4%A/stream/kitchen.mp3',
      `/${KEY}/stream/kitchen.mp3%00`,
    ]) {
      expect(await seen(path), path).toEqual(expected);
    }
  });

  it('answers other broken paths in plain text', async () => {
    for (const path of ['/%E0%A4%A', '/..%2f..%2fetc%2fpasswd', `/${KEY}/stream/a/b.mp3`, `/${KEY}/stream/`, '/']) {
      const response = await fetch(url(path));
      expect([400, 404], path).toContain(response.status);
      expect(response.headers.get('content-type'), path).toMatch(/^text\/plain/);
    }
  });

  it('checks the key before it looks whether there is such a stream', async () => {
    checked.length = 0;
    await fetch(url(`/${WRONG}/stream/nobody.mp3`));
    await fetch(url(`/${WRONG}/channel/kitchen.mp3`));
    expect(checked).toEqual(['stream:nobody', 'channel:kitchen']);
  });

  it('takes GET and HEAD only', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      const response = await fetch(url(`/${KEY}/stream/kitchen.mp3`), { method });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
      expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    }
    const options = await fetch(url(`/${KEY}/stream/kitchen.mp3`), { method: 'OPTIONS' });
    expect(options.status).toBe(204);
    expect(options.headers.get('access-control-allow-origin')).toBe('*');
  });

  it('refuses one too many, with a time to come again', async () => {
    const players = await Promise.all([1, 2, 3].map(() => Player.play(url(`/${KEY}/stream/latest.mp3`))));
    const refused = await fetch(url('/stream/kitchen.mp3', 'open'));
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('10');
    expect(refused.headers.get('voice-streaming-limit')).toBe('listeners');
    expect(breaches.counts().listeners).toBe(1);
    expect(refused.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(await refused.text()).toContain('3 players');
    const changed = once<unknown>((resolve) => transcoder.onListenersChanged(() => resolve(undefined)), 'one leaves');
    players[0]!.leave();
    await changed;
    const admitted = await Player.play(url('/stream/kitchen.mp3', 'open'));
    expect(admitted.response.statusCode).toBe(200);
    [...players, admitted].forEach((player) => player.leave());
    await expect.poll(() => transcoder.listenerCount).toBe(0);
  });
});

describe('the open door', () => {
  it('plays without a key, but no private stream, and lets no other site in', async () => {
    const player = await Player.play(url('/stream/kitchen.mp3', 'open'));
    expect(player.response.statusCode).toBe(200);
    expect(player.response.headers['access-control-allow-origin']).toBeUndefined();
    player.leave();
    expect((await fetch(url('/stream/hidden.mp3', 'open'))).status).toBe(404);
    expect((await fetch(url(`/${KEY}/stream/kitchen.mp3`, 'open'))).status).toBe(404);
    const hidden = await Player.play(url(`/${KEY}/stream/hidden.mp3`));
    expect(hidden.response.statusCode).toBe(200);
    hidden.leave();
    await expect.poll(() => transcoder.listenerCount).toBe(0);
  });
});

describe('what a player gets', () => {
  const expectedHeaders = {
    'content-type': 'audio/mpeg',
    'cache-control': 'no-store',
    'accept-ranges': 'none',
    connection: 'close',
    'icy-name': 'Voice Streaming: kitchen',
    'icy-br': '128',
    'access-control-allow-origin': '*',
  };

  it('HEAD has the headers of GET and starts nothing', async () => {
    const head = await fetch(url(`/${KEY}/stream/kitchen.mp3`), { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(Object.fromEntries(head.headers)).toMatchObject(expectedHeaders);
    expect(head.headers.get('content-length')).toBeNull();
    expect(transcoder.listenerCount).toBe(0);
    expect(relay.get('kitchen')!.sinkCount).toBe(0);
    const player = await Player.play(url(`/${KEY}/stream/kitchen.mp3`));
    expect(player.response.headers).toMatchObject(expectedHeaders);
    player.leave();
    expect((await fetch(url(`/${KEY}/stream/nobody.mp3`), { method: 'HEAD' })).status).toBe(404);
    await expect.poll(() => transcoder.listenerCount).toBe(0);
  });

  it('answers what renderers of DLNA ask for, to HEAD as to GET, and only behind the right key', async () => {
    const asked = { 'getcontentFeatures.dlna.org': '1', 'transferMode.dlna.org': 'Streaming' };
    const told = {
      'contentfeatures.dlna.org':
        'DLNA.ORG_PN=MP3;DLNA.ORG_OP=00;DLNA.ORG_CI=0;DLNA.ORG_FLAGS=0D500000000000000000000000000000',
      'transfermode.dlna.org': 'Streaming',
    };
    const head = await fetch(url(`/${KEY}/stream/kitchen.mp3`), { method: 'HEAD', headers: asked });
    expect(Object.fromEntries(head.headers)).toMatchObject({ ...expectedHeaders, ...told });
    const player = await Player.play(url(`/${KEY}/stream/kitchen.mp3`), asked);
    expect(player.response.headers).toMatchObject({ ...expectedHeaders, ...told });
    player.leave();
    const wrong = { 'transferMode.dlna.org': 'Interactive' };
    const refused = await fetch(url(`/${KEY}/stream/kitchen.mp3`), { headers: wrong });
    expect([refused.status, await refused.text()]).toEqual([406, expect.stringContaining('Streaming')]);
    expect((await fetch(url(`/${WRONG}/stream/kitchen.mp3`), { headers: wrong })).status).toBe(404);
    await expect.poll(() => transcoder.listenerCount).toBe(0);
  });

  it('says audio/wav for WAV and begins with its header at once', async () => {
    const player = await Player.play(url(`/${KEY}/stream/latest.wav`));
    expect(player.response.headers['content-type']).toBe('audio/wav');
    await player.heard(44);
    expect(Buffer.concat(player.chunks).subarray(0, 4).toString()).toBe('RIFF');
    player.leave();
    await expect.poll(() => transcoder.listenerCount).toBe(0);
  });

  it('ignores Range', async () => {
    const player = await Player.play(url(`/${KEY}/stream/kitchen.mp3`), { Range: 'bytes=0-' });
    expect(player.response.statusCode).toBe(200);
    expect(player.response.headers['content-range']).toBeUndefined();
    player.leave();
    await expect.poll(() => transcoder.listenerCount).toBe(0);
  });

  it.each(['1.0', '1.1'])('sends HTTP/%s clients bare bytes until the connection closes', async (version) => {
    const stream = relay.start({ id: 'door', name: 'Door' });
    const answer = raw(port('keyed'), `GET /${KEY}/stream/door.mp3 HTTP/${version}\r\nHost: x\r\n\r\n`);
    await expect.poll(() => transcoder.listenersOf('door')).toBe(1);
    await new OpusVoice({ stream, packets: await encodeOpus(tone(440, 200)) }).speak();
    relay.end(stream, 'stopped');
    const [head, body] = (await answer).split('\r\n\r\n', 2) as [string, string];
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(head).toMatch(/\r\nConnection: close(\r\n|$)/);
    expect(head).not.toMatch(/Transfer-Encoding|Content-Length/i);
    expect(body.startsWith('\xff\xfb\x94\xc4')).toBe(true);
  });

  it('puts titles between the sound for a player that asks for them', async () => {
    const stream = relay.get('kitchen')!;
    const player = await Player.play(url(`/${KEY}/stream/kitchen.mp3`), { 'Icy-MetaData': '1' });
    expect(player.response.headers['icy-metaint']).toBe('16000');
    await new OpusVoice({ stream, packets: await encodeOpus(tone(440, 1100)) }).speak();
    await player.heard(16_400);
    const bytes = Buffer.concat(player.chunks);
    const length = bytes[16_000]! * 16;
    expect(bytes.subarray(16_001, 16_001 + length).toString()).toMatch(/^StreamTitle='Anna’s Kitchen';\0*$/);
    // The sound goes on where it was cut.
    const sound = Buffer.concat([bytes.subarray(0, 16_000), bytes.subarray(16_001 + length)]);
    for (let at = 0; at + 4 <= sound.length; at += 384) {
      expect(sound.subarray(at, at + 4).toString('hex')).toBe('fffb94c4');
    }
    player.leave();
    await expect.poll(() => transcoder.listenerCount).toBe(0);
  });

  it('has its first sound on the wire within 30 ms', async () => {
    const times: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      const startedAtMs = performance.now();
      const player = await Player.play(url(`/${KEY}/stream/kitchen.mp3`));
      await player.heard(384);
      times.push(performance.now() - startedAtMs);
      player.leave();
    }
    expect(Math.min(...times)).toBeLessThan(30);
    await expect.poll(() => transcoder.listenerCount).toBe(0);
  });
});

describe('what a browser gets', () => {
  it('a page that waits, on an idle stream with the right key only', async () => {
    const waiting = await fetch(url(`/${KEY}/stream/garage.mp3`), { headers: browser });
    expect(waiting.status).toBe(404);
    expect(waiting.headers.get('content-type')).toMatch(/^text\/html/);
    expect(waiting.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await waiting.text()).toContain('<h1>garage</h1>');
    for (const path of [`/${WRONG}/stream/garage.mp3`, `/${KEY}/stream/..%2f.mp3`, `/${KEY}/channel/garage.mp3`]) {
      const refused = await fetch(url(path), { headers: browser });
      expect(refused.status).toBe(404);
      expect(await refused.text()).toBe('Not found.\n');
    }
  });

  it('the sound itself, while somebody speaks', async () => {
    const response = await request(url(`/${KEY}/stream/kitchen.mp3`), browser);
    expect(response.headers['content-type']).toBe('audio/mpeg');
    response.destroy();
    await expect.poll(() => transcoder.listenerCount).toBe(0);
  });
});
