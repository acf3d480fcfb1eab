/** The self-test beside a fake session: what it refuses, and that it leaves nothing behind, however it ends. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CHIRP_PERIOD_MS, makeChirp } from '../../src/details/chirp.ts';
import { EchoTest } from '../../src/details/echo-test.ts';
import { Emitter } from '../../src/emitter.ts';
import { Transport } from '../../src/transport.ts';
import { troubleOf } from '../../src/trouble.ts';
import { FakePeer } from '../fakes/fake-peer.ts';
import { FakeRequester } from '../fakes/fake-requester.ts';
import { FakeTrack } from '../fakes/fake-track.ts';

const RATE_HZ = 48_000;
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

class FakeContext {
  state = 'running';
  sampleRate = RATE_HZ;
  readonly track = new FakeTrack();
  resume = vi.fn(() => (this.state === 'running' ? Promise.resolve() : new Promise<void>(() => undefined)));
  close = vi.fn(() => Promise.resolve());
  createMediaStreamDestination = (): unknown => ({ stream: { getAudioTracks: () => [this.track] } });
}

class Rig {
  readonly signaling = new FakeRequester();
  readonly client = Object.assign(this.signaling, {
    connection: { state: 'ready' },
    changed: new Emitter(),
    events: new Emitter<{ type: string }>(),
  });
  readonly sender = {
    state: 'idle',
    changed: new Emitter(),
    get mutes(): boolean {
      return this.state !== 'idle';
    },
  };
  readonly muted: boolean[] = [];
  readonly receiver = {
    heard: [] as string[],
    changed: new Emitter(),
    setMuted: (muted: boolean) => void this.muted.push(muted),
  };
  readonly transports = { sender: this.transport('sender'), receiver: this.transport('receiver') };
  readonly context = new FakeContext();
  readonly stopRecording = vi.fn();
  contexts = 0;
  recorded: (recording: { sent: Float32Array; back: Float32Array }) => void = () => undefined;
  readonly session = {
    client: this.client,
    sender: this.sender,
    receiver: this.receiver,
    transports: this.transports,
    streamId: 'wall' as string | null,
  };
  readonly test: EchoTest;

  constructor() {
    this.signaling.answers.connectSender = { answer: 'answer' };
    this.signaling.answers.connectReceiver = { answer: 'answer' };
    this.signaling.answers.stopTalk = {};
    this.signaling.answers.disconnect = {};
    this.test = new EchoTest({
      session: this.session as unknown as ConstructorParameters<typeof EchoTest>[0]['session'],
      tools: {
        createTransport: (options) => new Transport({ ...options, createPeer: FakePeer.create }),
        troubleOf,
      },
      createContext: () => {
        this.contexts += 1;
        return this.context as unknown as AudioContext;
      },
      record: () => ({ done: new Promise((resolve) => (this.recorded = resolve)), stop: this.stopRecording }),
    });
  }

  transport(direction: 'sender' | 'receiver'): Transport {
    return new Transport({
      direction,
      signaling: this.signaling,
      prepare: (peer) => void peer.addTransceiver('audio', { direction: 'sendonly' }),
      createPeer: FakePeer.create,
    });
  }

  async openTransports(): Promise<void> {
    for (const transport of Object.values(this.transports)) {
      transport.setWanted(true);
      transport.setOnline(true);
    }
    await settle();
    for (const peer of FakePeer.made) peer.become('connected');
  }

  /** Up to the recording. */
  async run(): Promise<void> {
    this.test.start();
    await settle();
    this.signaling.last('startTalk').resolve({ talkId: 'echo' });
    this.client.events.emit({ type: 'onAir' });
    await settle();
  }
}

/** Chirps and the same again, so much later. */
function recording(delayMs: number): { sent: Float32Array; back: Float32Array } {
  const [sent, back] = [new Float32Array(RATE_HZ * 4), new Float32Array(RATE_HZ * 4)];
  const chirp = makeChirp(RATE_HZ);
  for (let i = 0; i < 5; i += 1) {
    const at = RATE_HZ / 4 + (i * CHIRP_PERIOD_MS * RATE_HZ) / 1000;
    sent.set(chirp, at);
    back.set(chirp, at + (delayMs * RATE_HZ) / 1000);
  }
  return { sent, back };
}

let rig: Rig;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal(
    'ConstantSourceNode',
    class {
      connect(): void {}
      start(): void {}
    },
  );
  FakePeer.made.length = 0;
  rig = new Rig();
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function expectNothingLeft(): void {
  expect(rig.context.close).toHaveBeenCalledOnce();
  expect(vi.getTimerCount()).toBe(0);
  expect(rig.muted.at(-1)).toBe(rig.sender.state !== 'idle');
}

describe('refuses', () => {
  it.each<[string, () => unknown]>([
    ['away', () => (rig.client.connection.state = 'away')],
    ['away', () => (rig.session.streamId = null)],
    ['talking', () => (rig.sender.state = 'onAir')],
    ['listening', () => rig.receiver.heard.push('anna')],
  ])('%s', (reason, arrange) => {
    arrange();
    rig.test.start();
    expect(rig.test.state).toMatchObject({ state: 'failed', reason });
    expect(rig.contexts).toBe(0);
    expect(rig.signaling.types).toEqual([]);
  });
});

describe('on warm transports', () => {
  beforeEach(() => rig.openTransports());

  it('measures, with own playback muted meanwhile', async () => {
    await rig.run();
    expect(rig.signaling.last('startTalk').args).toEqual({ echo: true });
    expect(rig.muted).toEqual([true]);
    rig.recorded(recording(48));
    await settle();
    expect(rig.test.state).toMatchObject({ state: 'measured' });
    expect((rig.test.state as { ms: number }).ms).toBeCloseTo(48, 0);
    expect(rig.signaling.types.at(-1)).toBe('stopTalk');
    expect(FakePeer.made[0]!.tracks).toEqual([rig.context.track.asTrack, null]);
    expect(rig.context.track.readyState).toBe('ended');
    expect(rig.stopRecording).toHaveBeenCalledOnce();
    expect(FakePeer.made.map(({ closed }) => closed)).toEqual([false, false]);
    expectNothingLeft();
  });

  it('gives way to a press: its stopTalk leaves before anything the press asks for', async () => {
    await rig.run();
    rig.sender.state = 'opening';
    rig.sender.changed.emit();
    expect(rig.signaling.types.at(-1)).toBe('stopTalk');
    expect(rig.test.state).toMatchObject({ state: 'failed', reason: 'interrupted' });
    expectNothingLeft();
  });

  it('gives way to a press that comes before the server has answered', async () => {
    rig.test.start();
    await settle();
    rig.sender.state = 'opening';
    rig.sender.changed.emit();
    expect(rig.signaling.types.slice(-2)).toEqual(['startTalk', 'stopTalk']);
    expectNothingLeft();
  });

  it.each([
    [
      'a voice',
      () => {
        rig.receiver.heard.push('anna');
        rig.receiver.changed.emit();
      },
    ],
    ['the end of the echo', () => rig.client.events.emit({ type: 'talkEnded' })],
    ['a lost connection', () => rig.client.changed.emit()],
    ['the end of the page', () => rig.test.close()],
  ])('is ended by %s, and says so', async (_what, happen) => {
    await rig.run();
    happen();
    expect(rig.test.state).toMatchObject({ state: 'failed', reason: 'interrupted' });
    rig.recorded(recording(48));
    await settle();
    expect(rig.test.state).toMatchObject({ state: 'failed' });
    expectNothingLeft();
  });

  it('says what the server said against it', async () => {
    rig.test.start();
    await settle();
    rig.signaling.last('startTalk').reject(new Error('Too many streams.'));
    await settle();
    expect(rig.test.state).toMatchObject({ reason: { code: 'refused', detail: 'Too many streams.' } });
    expectNothingLeft();
  });

  it('waits no longer than two seconds for a browser that runs no sound', async () => {
    rig.context.state = 'suspended';
    rig.test.start();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(rig.test.state).toMatchObject({ state: 'failed', reason: 'noAudio' });
    expect(rig.signaling.types).not.toContain('startTalk');
    expectNothingLeft();
  });
});

it('opens what the card does without, and closes it again', async () => {
  await rig.run();
  expect(rig.signaling.types).toEqual(['connectSender', 'connectReceiver', 'startTalk']);
  rig.recorded(recording(48));
  await settle();
  expect(rig.test.state.state).toBe('measured');
  expect(rig.signaling.types.slice(3)).toEqual(['stopTalk', 'disconnect', 'disconnect']);
  expect(FakePeer.made.map(({ closed }) => closed)).toEqual([true, true]);
  expectNothingLeft();
});
