/** The system's media controls (lock screen, headset, keyboard): who speaks, and listening on and off. */
export interface MediaControlsOptions {
  listen: () => void;
  stop: () => void;
  session?: MediaSession | undefined;
  createMetadata?: (init: MediaMetadataInit) => MediaMetadata;
}

export class MediaControls {
  readonly #options: MediaControlsOptions;
  readonly #session: MediaSession | undefined;
  #ours = false;
  #shown = '';

  constructor(options: MediaControlsOptions) {
    this.#options = options;
    this.#session = 'session' in options ? options.session : (navigator as Partial<Navigator>).mediaSession;
  }

  /**
   * While nobody speaks and listening was not switched off from there, the controls are left to whatever else plays on
   * the page.
   */
  show({ names, listening, title }: { names: readonly string[]; listening: boolean; title: string }): void {
    const session = this.#session;
    if (!session) return;
    if (names.length === 0 && (listening || !this.#ours)) {
      this.release();
      return;
    }
    const shown = JSON.stringify([names, listening, title]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#ours = true;
    const create = this.#options.createMetadata ?? ((init: MediaMetadataInit) => new MediaMetadata(init));
    session.metadata = create({ title: names.length > 0 ? names.join(', ') : title, artist: title });
    session.playbackState = listening ? 'playing' : 'paused';
    this.#handle(this.#options);
  }

  release(): void {
    if (!this.#session || !this.#ours) return;
    this.#ours = false;
    this.#shown = '';
    this.#session.metadata = null;
    this.#session.playbackState = 'none';
    this.#handle({ listen: null, stop: null });
  }

  #handle({ listen, stop }: { listen: (() => void) | null; stop: (() => void) | null }): void {
    const handlers = { play: listen, pause: stop, stop } as const;
    for (const [action, handler] of Object.entries(handlers)) {
      try {
        this.#session?.setActionHandler(action as MediaSessionAction, handler);
      } catch {
        // An action this browser does not know.
      }
    }
  }
}
