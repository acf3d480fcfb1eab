import { describe, expect, it } from 'vitest';
import { listenTargetOf, needsOf, parseConfig, signalingUrl } from '../src/config.ts';

describe('parseConfig', () => {
  it('fills in what is not said', () => {
    expect(parseConfig({ type: 'custom:voice-streaming-card' })).toMatchObject({
      mode: 'intercom',
      talk: 'both',
      microphone: 'press',
      max_talk_seconds: 300,
      sounds: true,
    });
  });

  it('takes every key it knows, and leaves Home Assistant its own', () => {
    const config = {
      mode: 'receiver',
      url: 'https://house:8080',
      token: 't',
      listen: 'hall',
      name: 'Wall',
      title: 'W',
      talk: 'latch',
      microphone: 'warm',
      max_talk_seconds: 0,
      sounds: false,
    };
    const parsed = parseConfig({ type: 'custom:voice-streaming-card', ...config, grid_options: { columns: 6 } });
    expect(parsed).toMatchObject({ type: 'custom:voice-streaming-card', ...config, fixedHeight: false });
  });

  it('has words for what is neither true nor false', () => {
    expect(parseConfig({ auto_listen: 'always', wake_lock: 'never' })).toMatchObject({
      auto_listen: true,
      wake_lock: false,
    });
    expect(parseConfig({ auto_listen: 'visible', wake_lock: 'talking' }).auto_listen).toBeUndefined();
    expect(parseConfig({ auto_listen: '', wake_lock: null }).wake_lock).toBeUndefined();
  });

  it('notices that the dashboard fixes the height', () => {
    expect(parseConfig({ grid_options: { rows: 1 } }).fixedHeight).toBe(true);
    expect(parseConfig({ grid_options: { rows: 'auto' } }).fixedHeight).toBe(false);
  });

  it.each([
    [{ mod: 'sender' }, /"mod" is no key of this card\. Did you mean "mode"\? It knows: .*mode/],
    [{ mode: 'talk' }, /"mode" is "talk"; it must be one of: sender, receiver, intercom/],
    [{ listen: 'Küche!' }, /"listen" is "Küche!".*kitchen-tablet/],
    [{ listen: [] }, /"listen" is \[\]; it must be "latest", "all"/],
    [{ listen: ['hall', 7] }, /"listen" is \["hall",7\]/],
    [{ autoListen: true }, /"autoListen" is no key of this card\. Did you mean "auto_listen"\? It knows/],
    [{ microfone: 'warm' }, /Did you mean "microphone"\?/],
    [{ entity: 'light.hall' }, /"entity" is no key of this card\. It knows/],
    [{ mode: 'reciever' }, /it must be one of: sender, receiver, intercom\. Did you mean "receiver"\?/],
    [{ auto_listen: 'yes' }, /"auto_listen" is "yes"; it must be true, false or one of: visible, always, never\.$/],
    [{ auto_listen: 'allways' }, /Did you mean "always"\?/],
    [{ chime: 1 }, /"chime" is 1; it must be true or false/],
    [{ wake_lock: 'on' }, /"wake_lock" is "on"; it must be true, false or one of: talking, always, never/],
    [{ title: 7 }, /"title" is 7; it must be text/],
    [{ talk: 'push' }, /"talk" is "push"; it must be one of: hold, latch, both/],
    [{ microphone: true }, /"microphone" is true; it must be one of: press, warm, always/],
    [{ max_talk_seconds: 4 }, /"max_talk_seconds" is 4; it must be a number from 5 to 3600, or 0 for no limit/],
    [{ max_talk_seconds: '60' }, /"max_talk_seconds" is "60"/],
    [{ speakers: 'kitchen' }, /"speakers" is "kitchen"; it must be a media player such as media_player.kitchen/],
    [{ speakers: ['media_player.a', 'light.b'] }, /it must be a media player/],
    [{ speakers: Array.from({ length: 33 }, (_, i) => `media_player.p${i}`) }, /at most 32/],
    [{ speakers: 'media_player.a', mode: 'receiver' }, /not for "mode: receiver"/],
    [{ speakers: 'media_player.a', mode: 'sender', always_on: true }, /nor "always_on"/],
    [{ announce_volume: 40 }, /"announce_volume" is 40; it must be a number from 0 to 1/],
    [{ sounds: 'off' }, /"sounds" is "off"; it must be true or false/],
    [{ url: 'ftp://house' }, /"url" is "ftp:\/\/house".*http/],
    [{ url: 'https://' }, /"url" is "https:\/\/".*such as/],
    [null, /needs a config/],
    ['sender', /needs a config/],
  ])('%j is refused with what would be right', (config, message) => {
    expect(() => parseConfig(config)).toThrow(message);
  });
});

describe('listenTargetOf', () => {
  it.each([
    [undefined, 'latest'],
    ['latest', 'latest'],
    ['all', 'all'],
    ['hall', ['hall']],
    [
      ['hall', 'attic'],
      ['hall', 'attic'],
    ],
  ])('%j means %j', (listen, target) => {
    expect(listenTargetOf(parseConfig({ listen }))).toEqual(target);
  });
});

describe('needsOf', () => {
  it('tells the session what the card is for', () => {
    expect(needsOf(parseConfig({}))).toEqual({ sender: true, receiver: true, autoListen: false, chime: false });
    const wall = { mode: 'receiver', auto_listen: true, chime: true, wake_lock: true };
    expect(needsOf(parseConfig(wall))).toEqual({
      sender: false,
      receiver: true,
      autoListen: true,
      chime: true,
      wakeLock: true,
    });
    expect(needsOf(parseConfig({ ...wall, mode: 'sender' }))).toMatchObject({ autoListen: false, chime: false });
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
