import { describe, expect, it } from 'vitest';
import { parseConfig, signalingUrl } from '../src/config.ts';

describe('parseConfig', () => {
  it('fills in the mode', () => {
    expect(parseConfig({ type: 'custom:voice-streaming-card' }).mode).toBe('intercom');
  });

  it('takes every key it knows, and leaves Home Assistant its own', () => {
    const config = {
      mode: 'receiver',
      url: 'https://house:8080',
      token: 't',
      listen: 'hall',
      name: 'Wall',
      title: 'W',
    };
    const parsed = parseConfig({ type: 'custom:voice-streaming-card', ...config, grid_options: { columns: 6 } });
    expect(parsed).toEqual({ type: 'custom:voice-streaming-card', ...config });
  });

  it.each([
    [{ mod: 'sender' }, /"mod" is no key of this card\. It knows: .*mode/],
    [{ mode: 'talk' }, /"mode" is "talk"; it must be one of: sender, receiver, intercom/],
    [{ listen: 'Küche!' }, /"listen" is "Küche!".*kitchen-tablet/],
    [{ title: 7 }, /"title" is 7; it must be text/],
    [{ url: 'ftp://house' }, /"url" is "ftp:\/\/house".*http/],
    [{ url: 'https://' }, /"url" is "https:\/\/".*such as/],
    [null, /needs a config/],
    ['sender', /needs a config/],
  ])('%j is refused with what would be right', (config, message) => {
    expect(() => parseConfig(config)).toThrow(message);
  });
});

describe('signalingUrl', () => {
  it.each([
    [undefined, 'http://house:8080/', 'ws://house:8080/ws'],
    [undefined, 'https://ha/api/hassio_ingress/abc/', 'wss://ha/api/hassio_ingress/abc/ws'],
    [undefined, 'http://house:8080/#token=x', 'ws://house:8080/ws'],
    ['https://house:8080', 'http://ha/', 'wss://house:8080/ws'],
    ['http://house:8080/voice/', 'http://ha/', 'ws://house:8080/voice/ws'],
    ['wss://house/ws', 'http://ha/', 'wss://house/ws'],
  ])('%s on %s -> %s', (url, base, expected) => {
    expect(signalingUrl(url, base)).toBe(expected);
  });
});
