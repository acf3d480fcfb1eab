import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BrowserStorage } from '../src/browser-storage.ts';
import { PlaybackSlot } from '../src/playback-slot.ts';
import { Playback } from '../src/playback.ts';
import { FakeMediaDevices } from './fakes/fake-media-devices.ts';
import { FakeStorage } from './fakes/fake-storage.ts';

const KITCHEN = { id: 'kitchen', label: 'Kitchen speaker' };

class FakeMediaStream {
  readonly tracks: unknown[];
  constructor(tracks: unknown[]) {
    this.tracks = tracks;
  }
}

class FakeAudio {
  autoplay = false;
  hidden = false;
  muted = false;
  paused = false;
  srcObject: unknown = null;
  sink = '';
  removed = false;
  refusal: string | null = null;
  readonly dataset: Record<string, string> = {};
  readonly #obeys: boolean;
  #volume = 1;

  constructor(obeys = true) {
    this.#obeys = obeys;
  }

  get volume(): number {
    return this.#volume;
  }

  /** iOS keeps it at 1. */
  set volume(volume: number) {
    if (this.#obeys) this.#volume = volume;
  }

  play(): Promise<void> {
    return this.refusal === null ? Promise.resolve() : Promise.reject(new DOMException('No.', this.refusal));
  }

  setSinkId(id: string): Promise<void> {
    if (id === 'gone') return Promise.reject(new DOMException('No such device.', 'NotFoundError'));
    this.sink = id;
    return Promise.resolve();
  }

  remove(): void {
    this.removed = true;
  }
}

class FakeContext {
  state = 'suspended';
  closed = false;
  readonly gain = {
    gain: { value: 1 },
    connect: vi.fn<(to: unknown) => unknown>((to) => to),
    disconnect: vi.fn<() => void>(),
  };
  readonly source = { connect: vi.fn<(to: unknown) => unknown>((to) => to), disconnect: vi.fn<() => void>() };
  readonly destination = {};
  resume = (): Promise<void> => Promise.resolve();
  close = (): Promise<void> => {
    this.closed = true;
    return Promise.resolve();
  };
  createGain = (): unknown => this.gain;
  createMediaStreamSource = (): unknown => this.source;
}

const track = {} as MediaStreamTrack;
const settle = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve));

beforeEach(() => {
  vi.stubGlobal('MediaStream', FakeMediaStream);
  vi.stubGlobal('document', new EventTarget());
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('PlaybackSlot', () => {
  let audio: FakeAudio;
  let context: FakeContext;
  const createContext = vi.fn(() => context as unknown as AudioContext);

  const make = (obeys: boolean): PlaybackSlot => {
    audio = new FakeAudio(obeys);
    context = new FakeContext();
    createContext.mockClear();
    const createElement = (): HTMLAudioElement => audio as unknown as HTMLAudioElement;
    return new PlaybackSlot({ mid: '0', createElement, createContext });
  };

  it('is as loud as it is told, by the element alone where that obeys', () => {
    const slot = make(true);
    slot.attach(track);
    slot.setVolume(0.4);
    expect(audio).toMatchObject({ volume: 0.4, muted: false });
    slot.setVolume(0);
    expect(audio.muted).toBe(true);
    slot.setVolume(1);
    slot.setMuted(true);
    expect(audio.muted).toBe(true);
    slot.setMuted(false);
    expect(audio).toMatchObject({ volume: 1, muted: false });
    expect(createContext).not.toHaveBeenCalled();
  });

  it('goes through a gain where the element ignores its volume, and only while that is needed', async () => {
    const slot = make(false);
    slot.attach(track);
    expect(createContext).not.toHaveBeenCalled();
    slot.setVolume(0.4);
    expect(audio.muted).toBe(false); // Too loud is better than silent, until the context runs.
    context.state = 'running';
    await settle();
    expect(audio.muted).toBe(true);
    expect(context.gain.gain.value).toBe(0.4);
    slot.setVolume(0.2);
    expect(context.gain.gain.value).toBe(0.2);
    slot.setMuted(true);
    expect(context.gain.disconnect).toHaveBeenCalled();
    expect(audio.muted).toBe(true);
    slot.setMuted(false);
    slot.setVolume(1);
    expect(audio.muted).toBe(false);
    slot.close();
    expect(context.closed).toBe(true);
    expect(audio.removed).toBe(true);
  });
});

describe('Playback', () => {
  const kept = new FakeStorage();
  let audios: FakeAudio[];
  let playback: Playback;
  let refusal: string | null;

  const make = (): Playback =>
    new Playback({
      storage: new BrowserStorage(kept.asStorage),
      createSlot: (mid) => {
        const audio = new FakeAudio();
        audio.refusal = refusal;
        audios.push(audio);
        return new PlaybackSlot({ mid, createElement: () => audio as unknown as HTMLAudioElement });
      },
    });

  beforeEach(() => {
    kept.items.clear();
    vi.stubGlobal('navigator', {});
    audios = [];
    refusal = null;
    playback = make();
  });

  it('gives each slot its volume, also before there is a track, and the same element to the next track', () => {
    playback.setVolumes({ 0: 0.5, 1: 1 });
    playback.attach('0', track);
    playback.attach('1', track);
    playback.attach('0', track);
    expect(audios.map(({ volume }) => volume)).toEqual([0.5, 1]);
    playback.setVolumes({ 0: 1, 1: 0.2 });
    expect(audios.map(({ volume }) => volume)).toEqual([1, 0.2]);
    playback.setMuted(true);
    expect(audios.every(({ muted }) => muted)).toBe(true);
  });

  it('plays on the speaker that was chosen, in this page and the next', async () => {
    playback.attach('0', track);
    await playback.setSpeaker(KITCHEN);
    expect(audios[0]!.sink).toBe('kitchen');
    const next = make();
    expect(next.speaker).toBe('kitchen');
    expect(next.chosenSpeaker).toEqual(KITCHEN);
    next.attach('0', track);
    expect(audios[1]!.sink).toBe('kitchen');
    await next.setSpeaker(null);
    expect(make().speaker).toBe('');
  });

  it('keeps the speaker it has when another one is not there', async () => {
    playback.attach('0', track);
    await playback.setSpeaker(KITCHEN);
    await expect(playback.setSpeaker({ id: 'gone', label: 'Gone' })).rejects.toThrow('No such device');
    expect(playback.speaker).toBe('kitchen');
  });

  it('plays as the system has it while the chosen speaker is unplugged, and on that when it is back', async () => {
    const machine = new FakeMediaDevices();
    vi.stubGlobal('navigator', { mediaDevices: machine });
    const [chosen, other] = [FakeMediaDevices.speaker('kitchen', 'Kitchen'), FakeMediaDevices.speaker('tv', 'TV')];
    playback = make();
    playback.attach('0', track);
    await playback.setSpeaker(KITCHEN);
    machine.become(other);
    await settle();
    expect(audios[0]!.sink).toBe('');
    expect(playback.speaker).toBe('kitchen');
    machine.become(chosen, other);
    await settle();
    expect(audios[0]!.sink).toBe('kitchen');
    playback.close();
    expect(machine.listeners).toBe(0);
  });

  it('is blocked while the browser wants a gesture, and plays every slot with the first one', async () => {
    refusal = 'NotAllowedError';
    playback.attach('0', track);
    playback.attach('1', track);
    await settle();
    expect(playback.blocked).toBe(true);
    for (const audio of audios) audio.refusal = null;
    document.dispatchEvent(new Event('pointerup'));
    await settle();
    expect(playback.blocked).toBe(false);
    expect(playback.justUnblocked).toBe(true);
  });

  it('tells when the system has stopped a voice, but not of one whose transport is gone', () => {
    const [live, gone] = [{ readyState: 'live' }, { readyState: 'ended' }] as MediaStreamTrack[];
    playback.attach('0', live!);
    playback.attach('1', gone!);
    audios[1]!.paused = true;
    expect(playback.isPaused).toBe(false);
    audios[0]!.paused = true;
    expect(playback.isPaused).toBe(true);
  });

  it('does not take a track that was overtaken for a refusal', async () => {
    refusal = 'AbortError';
    playback.attach('0', track);
    await settle();
    expect(playback.blocked).toBe(false);
  });
});
