import type { ChosenDevice } from '../../src/chosen-device.ts';
import { Emitter } from '../../src/emitter.ts';
import type { Player } from '../../src/receiver.ts';

/** Remembers what it is to play. */
export class FakePlayer implements Player {
  readonly changed = new Emitter();
  readonly attached: Record<string, unknown> = {};
  volumes: Readonly<Record<string, number>> = {};
  chosenSpeaker: ChosenDevice | null = null;
  blocked = false;
  justUnblocked = false;
  isPaused = false;
  muted = false;
  unlocks = 0;
  closed = false;

  attach(mid: string, track: MediaStreamTrack): void {
    this.attached[mid] = track;
  }

  setVolumes(volumes: Readonly<Record<string, number>>): void {
    this.volumes = volumes;
  }

  setMuted(muted: boolean): void {
    this.muted = muted;
  }

  get speaker(): string {
    return this.chosenSpeaker?.id ?? '';
  }

  setSpeaker(device: ChosenDevice | null): Promise<void> {
    this.chosenSpeaker = device;
    return Promise.resolve();
  }

  unlock(): void {
    this.unlocks += 1;
  }

  close(): void {
    this.closed = true;
  }

  block(blocked: boolean): void {
    this.blocked = blocked;
    this.changed.emit();
  }
}
