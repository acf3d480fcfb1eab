/** What was said lately, where the owner lets it be kept: a list on the page of voices, each to be heard again. */
import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { Replay, Requests } from '@voice-streaming/shared/protocol';
import type { PageHost } from './fetched-page.ts';
import type { FetchedTools } from './fetched-words.ts';
import { initialOf } from './initial.ts';

/** What it needs of a session. */
export interface SaidSession {
  /** Of the signaling; the server's other paths are beside it. */
  readonly url: string;
  readonly client: {
    request(type: 'getReplays', args: Requests['getReplays']['args']): Promise<Requests['getReplays']['result']>;
  };
}

export interface SaidRow {
  replay: Replay;
  isPlaying: boolean;
  /** It could not be played. */
  isGone: boolean;
}

type Tools = Pick<FetchedTools, 'say' | 'icons' | 'repeat' | 'language'>;

/** Nothing is told when somebody has spoken. */
const REFRESH_MS = 5_000;

export class SaidLately {
  readonly #host: Pick<PageHost, 'requestUpdate'>;
  readonly #tools: Tools;
  readonly #createElement: () => HTMLAudioElement;
  #session: SaidSession | null = null;
  #replays: readonly Replay[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #element: HTMLAudioElement | null = null;
  #playing: string | null = null;
  #failed: string | null = null;
  /** Counts sessions and closings: an answer that comes later is not heard. */
  #call = 0;

  constructor(host: Pick<PageHost, 'requestUpdate'>, tools: Tools, createElement = () => new Audio()) {
    this.#host = host;
    this.#tools = tools;
    this.#createElement = createElement;
  }

  /** The page has been drawn. */
  update(session: SaidSession | null): void {
    if (session === this.#session) return;
    this.close();
    this.#session = session;
    if (session) void this.#fetch(session);
  }

  /** Newest first; empty where nothing is kept. */
  get rows(): SaidRow[] {
    return this.#replays.map((replay) => ({
      replay,
      isPlaying: replay.talkId === this.#playing,
      isGone: replay.talkId === this.#failed,
    }));
  }

  list(): TemplateResult | typeof nothing {
    const { say, repeat } = this.#tools;
    const { rows } = this;
    if (rows.length === 0) return nothing;
    return html`<h3>${say('said.label')}</h3>
      <ul class="list" data-said aria-label=${say('said.label')}>
        ${repeat(
          rows,
          ({ replay }) => replay.talkId,
          (row) => this.#row(row),
        )}
      </ul>`;
  }

  /** Plays it from its first word, or ends that. */
  toggle(replay: Replay): void {
    if (replay.talkId === this.#playing) this.#stop();
    else this.#play(replay);
  }

  close(): void {
    this.#call += 1;
    clearTimeout(this.#timer);
    this.#stop();
    this.#session = null;
    this.#replays = [];
    this.#failed = null;
  }

  #row({ replay, isPlaying, isGone }: SaidRow): TemplateResult {
    const { say, icons, language } = this.#tools;
    const { talkId, name, user, startedAt, durationMs } = replay;
    const time = new Intl.DateTimeFormat(language, { timeStyle: 'short' }).format(startedAt);
    const seconds = new Intl.NumberFormat(language, { style: 'unit', unit: 'second', unitDisplay: 'short' });
    const facts = [time, seconds.format(Math.max(1, Math.round(durationMs / 1000))), ...(user === null ? [] : [user])];
    return html`<li data-talk-id=${talkId}>
      <button
        type="button"
        class="row"
        aria-pressed=${isPlaying}
        title=${say('said.play', { name })}
        @click=${() => this.toggle(replay)}
      >
        <span class="avatar"><span class="disc" aria-hidden="true">${initialOf(name)}</span></span>
        <span class="words-of"
          ><span class="name">${name}</span
          ><span class="note" role=${isGone ? 'status' : nothing}
            >${isGone ? say('said.failed') : facts.join(' · ')}</span
          ></span
        >
        <span class="chosen">${isPlaying ? icons.sound : nothing}</span>
      </button>
    </li>`;
  }

  #play({ talkId, path }: Replay): void {
    const session = this.#session;
    if (!session) return;
    this.#stop();
    const url = new URL(path, session.url);
    url.protocol = url.protocol === 'wss:' ? 'https:' : 'http:';
    const element = this.#createElement();
    this.#element = element;
    this.#playing = talkId;
    this.#failed = null;
    const over = (failed: boolean): void => {
      if (element !== this.#element) return;
      this.#stop();
      if (failed) this.#failed = talkId;
      this.#host.requestUpdate();
    };
    element.addEventListener('ended', () => over(false));
    element.src = url.href;
    // It is over after some minutes, and then it cannot be had any more.
    element.addEventListener('error', () => over(true));
    element.play().catch(() => over(true));
    this.#host.requestUpdate();
  }

  #stop(): void {
    const element = this.#element;
    this.#element = null;
    this.#playing = null;
    element?.pause();
    element?.removeAttribute('src');
    this.#host.requestUpdate();
  }

  async #fetch(session: SaidSession): Promise<void> {
    const call = this.#call;
    let replayMs = 1;
    try {
      const result = await session.client.request('getReplays', {});
      if (call !== this.#call) return;
      replayMs = result.replayMs;
      this.#replays = result.replays;
      this.#host.requestUpdate();
    } catch {
      // Not connected, or an older server: asked again.
    }
    if (call === this.#call && replayMs > 0) this.#timer = setTimeout(() => void this.#fetch(session), REFRESH_MS);
  }
}
