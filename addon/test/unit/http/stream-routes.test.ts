import { describe, expect, it } from 'vitest';
import { parseFile, parsePath } from '../../../src/http/media-path.ts';
import { wantsPage } from '../../../src/http/stream-routes.ts';
import { waitingPage, WAITING_PAGE_POLICY } from '../../../src/http/waiting-page.ts';

describe('parsePath', () => {
  it('reads paths with and without a key, without decoding anything', () => {
    expect(parsePath('/k3y/stream/latest.mp3')).toEqual({ key: 'k3y', kind: 'stream', file: 'latest.mp3' });
    expect(parsePath('/stream/hall.wav')).toEqual({ key: undefined, kind: 'stream', file: 'hall.wav' });
    expect(parsePath('/k/talk/x')).toEqual({ key: 'k', kind: 'talk', file: 'x' });
    expect(parsePath('/k/channel/..%2fx.mp3')).toEqual({ key: 'k', kind: 'channel', file: '..%2fx.mp3' });
  });

  it('reads three formats by their ends', () => {
    expect(parseFile('hall.mp3')).toEqual({ id: 'hall', format: 'mp3' });
    expect(parseFile('hall.320.mp3')).toEqual({ id: 'hall', format: 'mp3-320' });
    expect(parseFile('hall.wav')).toEqual({ id: 'hall', format: 'wav' });
    for (const file of ['hall', '.mp3', 'hall.ogg', 'hall.128.mp3', 'hall.320.wav', 'a.b.mp3', 'hall.mp3.mp3']) {
      expect(parseFile(file), file).toBeUndefined();
    }
  });

  it('leaves what is not its own to others', () => {
    for (const path of [
      '/',
      '/health',
      '/stream',
      '/stream/',
      '/stream/status',
      '/a/b/stream/x.mp3',
      '/k/streams/x.mp3',
    ]) {
      expect(parsePath(path), path).toBeUndefined();
    }
  });
});

describe('wantsPage', () => {
  it('tells browsers from players', () => {
    expect(wantsPage('text/html,application/xhtml+xml,*/*;q=0.8')).toBe(true);
    for (const accept of [undefined, '*/*', 'audio/webm,audio/*;q=0.9,*/*;q=0.5', 'audio/mpeg']) {
      expect(wantsPage(accept), accept).toBe(false);
    }
  });
});

describe('the waiting page', () => {
  it('is allowed by its own policy and asks nothing of others', () => {
    const page = waitingPage('hall');
    expect(page).not.toMatch(/https?:\/\//);
    expect(WAITING_PAGE_POLICY).toContain("frame-ancestors 'self'");
    expect(WAITING_PAGE_POLICY.match(/'sha256-[A-Za-z0-9+/]{43}='/g)).toHaveLength(2);
  });
});
