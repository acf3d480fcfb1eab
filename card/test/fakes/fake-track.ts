/** Stand-in for the microphone's MediaStreamTrack. */
export class FakeTrack extends EventTarget {
  stopped = false;

  stop(): void {
    this.stopped = true;
  }

  /** The device is unplugged. */
  unplug(): void {
    this.dispatchEvent(new Event('ended'));
  }

  get asTrack(): MediaStreamTrack {
    return this as unknown as MediaStreamTrack;
  }
}
