/** A Sender with a transport that is open, on fake timers; microphones open when the test says so. */
import { vi } from 'vitest';
import { BrowserStorage } from '../../src/browser-storage.ts';
import { MicrophoneKeeper } from '../../src/microphone-keeper.ts';
import { MicrophoneSettings, type MicrophoneDefaults } from '../../src/microphone-settings.ts';
import { Sender, type SenderState } from '../../src/sender.ts';
import { Transport } from '../../src/transport.ts';
import { TroubleError, type Trouble } from '../../src/trouble.ts';
import { FakeDocument } from './fake-document.ts';
import { FakePeer } from './fake-peer.ts';
import { FakeRequester } from './fake-requester.ts';
import { FakeTrack } from './fake-track.ts';

interface Opening {
  defaults: MicrophoneDefaults;
  open: () => FakeTrack;
  refuse: (trouble: Trouble) => void;
}

export class SenderRig {
  readonly signaling = new FakeRequester();
  readonly page = new FakeDocument();
  /** One entry per getUserMedia. */
  readonly microphones: Opening[] = [];
  readonly settings = new MicrophoneSettings(new BrowserStorage(null));
  readonly states: SenderState[] = [];
  readonly transport: Transport;
  readonly sender: Sender;
  obstacle: Trouble | null = null;

  private constructor() {
    this.signaling.answers.connectSender = { answer: 'answer' };
    this.signaling.answers.stopTalk = {};
    this.transport = new Transport({
      direction: 'sender',
      signaling: this.signaling,
      prepare: (made) => void made.addTransceiver('audio', { direction: 'sendonly' }),
      createPeer: FakePeer.create,
    });
    this.sender = new Sender({
      signaling: this.signaling,
      transport: this.transport,
      introduced: () => Promise.resolve(),
      obstacle: () => this.obstacle,
      microphone: new MicrophoneKeeper({
        open: (defaults) => this.#openMicrophone(defaults),
        settings: this.settings,
        granted: () => Promise.resolve(true),
      }),
    });
    this.sender.changed.subscribe(() => this.states.push(this.sender.state));
  }

  static async create(): Promise<SenderRig> {
    vi.useFakeTimers();
    FakePeer.made.length = 0;
    const rig = new SenderRig();
    vi.stubGlobal('document', rig.page);
    rig.transport.setWanted(true);
    rig.transport.setOnline(true);
    await rig.settle();
    rig.peer.become('connected');
    return rig;
  }

  get peer(): FakePeer {
    return FakePeer.made.at(-1)!;
  }

  async settle(): Promise<void> {
    await vi.advanceTimersByTimeAsync(0);
  }

  answerStart(talkId: string): void {
    this.signaling.last('startTalk').resolve({ stream: {}, talkId });
  }

  async goOnAir(talkId = 'talk-1'): Promise<FakeTrack> {
    this.sender.press();
    await this.settle();
    const track = this.microphones.at(-1)!.open();
    this.answerStart(talkId);
    await this.settle();
    this.sender.onAir(talkId);
    return track;
  }

  close(): void {
    this.sender.end();
    this.transport.close();
    vi.unstubAllGlobals();
    vi.useRealTimers();
  }

  #openMicrophone(defaults: MicrophoneDefaults): Promise<MediaStreamTrack> {
    return new Promise((resolve, reject) => {
      this.microphones.push({
        defaults,
        open: () => {
          const track = new FakeTrack();
          resolve(track.asTrack);
          return track;
        },
        refuse: (trouble) => reject(new TroubleError(trouble)),
      });
    });
  }
}
