/** As much of an audio element as plays files: it moves when it is told to. */
export class FakeAudio extends EventTarget {
  readonly dataset: Record<string, string> = {};
  /** Whatever it was told to play, in order. */
  readonly played: string[] = [];
  src = '';
  loop = false;
  paused = true;
  muted = false;
  volume = 1;
  currentTime = 0;
  removed = false;
  /** What `play()` rejects with. */
  refusal: string | null = null;
  sinks: string[] = [];
  missingSink = '';

  play(): Promise<void> {
    if (this.refusal !== null) return Promise.reject(Object.assign(new Error('No.'), { name: this.refusal }));
    this.played.push(this.src);
    this.paused = false;
    return Promise.resolve();
  }

  pause(): void {
    this.paused = true;
  }

  setSinkId(id: string): Promise<void> {
    if (id === this.missingSink && id !== '') return Promise.reject(new Error('Gone.'));
    this.sinks.push(id);
    return Promise.resolve();
  }

  removeAttribute(): void {
    this.src = '';
  }

  remove(): void {
    this.removed = true;
  }

  asElement(): HTMLAudioElement {
    return this as unknown as HTMLAudioElement;
  }
}
