/** Stand-in for the microphone's MediaStreamTrack. */
export class FakeTrack extends EventTarget {
  stopped = false;
  readyState: MediaStreamTrackState = 'live';

  stop(): void {
    this.readyState = 'ended';
    this.stopped = true;
  }

  /** The device is unplugged. */
  unplug(): void {
    this.readyState = 'ended';
    this.dispatchEvent(new Event('ended'));
  }

  get asTrack(): MediaStreamTrack {
    return this as unknown as MediaStreamTrack;
  }
}
