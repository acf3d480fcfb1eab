import type { Play, PlayReport } from '../../src/http/ports.ts';
import type { Prelude, RecordedTalk } from '../../src/media/ports.ts';

/** An announcement by hand. */
export class FakePlay implements Play {
  readonly prelude: Prelude | undefined;
  readonly fetches: string[] = [];
  readonly reports: string[] = [];
  drained = { bytes: 0, soundMs: 0 };
  talk: RecordedTalk | undefined;
  #tell: ((talk: RecordedTalk) => void) | undefined;
  #stop: (() => void) | undefined;

  constructor(prelude?: Prelude) {
    this.prelude = prelude;
  }

  onTalk(callback: (talk: RecordedTalk) => void): () => void {
    if (this.talk) callback(this.talk);
    else this.#tell = callback;
    return () => (this.#tell = undefined);
  }

  onStopped(callback: () => void): () => void {
    this.#stop = callback;
    return () => (this.#stop = undefined);
  }

  begin(talk: RecordedTalk): void {
    this.talk = talk;
    this.#tell?.(talk);
  }

  stop(): void {
    this.#stop?.();
  }

  fetched(by: { address: string; userAgent: string; format: string }): PlayReport {
    this.fetches.push(`${by.userAgent} ${by.format}`);
    return {
      drained: (bytes, soundMs) => (this.drained = { bytes, soundMs }),
      closed: (reason) => this.reports.push(reason),
    };
  }
}
