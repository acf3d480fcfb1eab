/** Stand-in for RTCPeerConnection: negotiation succeeds, states are set by the test. */
export class FakePeer {
  static readonly made: FakePeer[] = [];
  connectionState: RTCPeerConnectionState = 'new';
  onconnectionstatechange: (() => void) | null = null;
  localDescription: { sdp: string } | null = null;
  remoteAnswer: string | null = null;
  closed = false;
  packetsReceived = 0;
  /** What replaceTrack was given, in order. */
  readonly tracks: (MediaStreamTrack | null)[] = [];
  readonly directions: string[] = [];

  constructor() {
    FakePeer.made.push(this);
  }

  static create = (): RTCPeerConnection => new FakePeer() as unknown as RTCPeerConnection;

  addTransceiver(_kind: string, { direction }: { direction: string }): void {
    this.directions.push(direction);
  }

  createOffer(): Promise<{ type: 'offer'; sdp: string }> {
    return Promise.resolve({ type: 'offer', sdp: `offer of ${this.directions.join(' ')}` });
  }

  setLocalDescription(offer: { sdp: string }): Promise<void> {
    this.localDescription = offer;
    return Promise.resolve();
  }

  setRemoteDescription({ sdp }: { sdp: string }): Promise<void> {
    this.remoteAnswer = sdp;
    return Promise.resolve();
  }

  getSenders(): { replaceTrack: (track: MediaStreamTrack | null) => Promise<void> }[] {
    const replaceTrack = (track: MediaStreamTrack | null): Promise<void> => {
      this.tracks.push(track);
      return Promise.resolve();
    };
    return [{ replaceTrack }];
  }

  getTransceivers(): { mid: string; receiver: { track: string } }[] {
    return this.directions.map((_direction, slot) => ({ mid: String(slot), receiver: { track: `track ${slot}` } }));
  }

  getStats(): Promise<Map<string, object>> {
    const { packetsReceived } = this;
    return Promise.resolve(new Map([['I', { type: 'inbound-rtp', packetsReceived }]]));
  }

  close(): void {
    this.closed = true;
  }

  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
}
