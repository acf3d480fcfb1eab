/**
 * The voices: whoever speaks, or one of them; each with a small ring that is its level, and its volume here. Fetched when
 * the dialog is opened.
 */
import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { ListenTarget, StreamInfo } from '@voice-streaming/shared/protocol';
import { adoptStyles } from './adopt-styles.ts';
import type { OpenedPage, PageHost } from './fetched-page.ts';
import type { FetchedTools } from './fetched-words.ts';
import type { CreateScreenOff } from './monitoring.ts';
import { ScreenOffPlayer } from './screen-off-player.ts';
import { initialOf } from './initial.ts';
import { SaidLately, type SaidSession } from './said-lately.ts';
import { voicesStyles } from './voices-styles.ts';

type Tools = Pick<FetchedTools, 'say' | 'icons' | 'repeat'>;

export interface VoicesListModel {
  streams: readonly StreamInfo[];
  ownId: string | null;
  listen: ListenTarget;
  /** The list is the server's, and not what is left of it. */
  fresh: boolean;
  choose: (target: ListenTarget) => void;
  /** 0 to 1. */
  volumeOf: (id: string) => number;
  setVolume: (id: string, volume: number) => void;
  /** Misses a lost monitor no longer; null for those who may not. */
  forget: ((id: string) => void) | null;
  screenOff: { on: boolean; toggle: (create: CreateScreenOff) => void };
  /** Null: not connected yet. */
  session: SaidSession | null;
}

const MONITOR_NOTES = {
  live: 'monitor.listed',
  lost: 'monitor.listed.lost',
  needsTap: 'monitor.listed.needsTap',
  off: 'monitor.off',
} as const;

export function openVoices(host: PageHost, tools: FetchedTools): OpenedPage<VoicesListModel> {
  adoptStyles(host.renderRoot, voicesStyles);
  const said = new SaidLately(host, tools);
  return {
    page: (model) => html`${voicesList(model, tools)} ${said.list()}`,
    update: ({ session }) => said.update(session),
    close: () => said.close(),
  };
}

export function voicesList(model: VoicesListModel, tools: Tools): TemplateResult {
  const { say, icons, repeat } = tools;
  const { streams, ownId, listen, fresh, choose, screenOff } = model;
  const others = streams.filter(({ id }) => id !== ownId);
  const absent = Array.isArray(listen) ? listen.filter((id) => !streams.some((stream) => stream.id === id)) : [];
  const own = streams.find(({ id }) => id === ownId);
  return html`
    <ul class="list" part="list" aria-label=${say('list.label')}>
      <li>
        ${choice(tools, {
          pressed: listen === 'latest',
          label: say('list.whoever'),
          choose: () => choose('latest'),
          content: html`<span class="avatar"><span class="disc">${icons.sound}</span></span>
            <span class="words-of"><span class="name">${say('list.whoever')}</span></span>`,
        })}
      </li>
      <li>
        ${choice(tools, {
          pressed: listen === 'all',
          label: say('list.all'),
          choose: () => choose('all'),
          content: html`<span class="avatar"><span class="disc">${icons.everybody}</span></span>
            <span class="words-of"><span class="name">${say('list.all')}</span></span>`,
        })}
      </li>
      ${repeat(
        others,
        ({ id }) => id,
        (stream) => {
          const pressed = Array.isArray(listen) && listen.includes(stream.id);
          return html`<li part="stream" data-stream-id=${stream.id} ?data-live=${stream.live}>
            ${choice(tools, {
              pressed,
              label: say('list.only', { name: stream.name }),
              choose: () => choose(pressed ? 'latest' : [stream.id]),
              content: streamContent(tools, stream, false),
            })}
            ${stream.monitor?.state === 'lost' || stream.monitor?.state === 'off' ? forget(tools, stream, model) : volume(tools, stream, model)}
          </li>`;
        },
      )}
      ${absent.map(
        (id) =>
          html`<li part="stream" data-stream-id=${id}>
            ${choice(tools, {
              pressed: true,
              label: say('list.only', { name: id }),
              choose: () => choose('latest'),
              content: html`<span class="avatar"><span class="disc" aria-hidden="true">${initialOf(id)}</span></span>
                <span class="words-of"
                  ><span class="name">${id}</span><span class="note">${say('list.absent')}</span></span
                >`,
            })}
          </li>`,
      )}
      ${
        own
          ? html`<li part="stream" class="own" data-stream-id=${own.id} ?data-live=${own.live}>
              <div class="row">${streamContent(tools, own, true)}</div>
            </li>`
          : nothing
      }
    </ul>
    ${fresh && others.length === 0 ? html`<p class="empty">${say('list.empty')}</p>` : nothing}
    <button
      type="button"
      class="row"
      data-action="screenOff"
      aria-pressed=${screenOff.on}
      @click=${() => screenOff.toggle((options) => new ScreenOffPlayer(options))}
    >
      <span class="avatar"><span class="disc">${icons.sound}</span></span>
      <span class="words-of"
        ><span class="name">${say('menu.screenOff')}</span><span class="note">${say('menu.screenOff.hint')}</span></span
      >
      <span class="switch" aria-hidden="true"></span>
    </button>
  `;
}

interface Choice {
  pressed: boolean;
  label: string;
  choose: () => void;
  content: TemplateResult;
}

function choice({ icons }: Tools, { pressed, label, choose, content }: Choice): TemplateResult {
  return html`<button type="button" class="row" aria-pressed=${pressed} title=${label} @click=${choose}>
    ${content}<span class="chosen">${pressed ? icons.check : nothing}</span>
  </button>`;
}

function volume({ say }: Tools, { id, name }: StreamInfo, { volumeOf, setVolume }: VoicesListModel): TemplateResult {
  return html`<input
    class="volume"
    type="range"
    min="0"
    max="1"
    step="0.05"
    data-volume-of=${id}
    aria-label=${say('list.volume', { name })}
    .value=${String(volumeOf(id))}
    @input=${(event: Event) => setVolume(id, (event.target as HTMLInputElement).valueAsNumber)}
  />`;
}

function forget({ say }: Tools, { id, name }: StreamInfo, model: VoicesListModel): TemplateResult | typeof nothing {
  if (!model.forget) return nothing;
  return html`<button
    type="button"
    class="forget"
    data-forget=${id}
    aria-label=${say('monitor.forget.label', { name })}
    @click=${() => model.forget?.(id)}
  >
    ${say('monitor.forget')}
  </button>`;
}

function streamContent({ say }: Tools, stream: StreamInfo, own: boolean): TemplateResult {
  const { monitor } = stream;
  const initial = initialOf(stream.name);
  const hearers = stream.receivers + stream.listeners;
  const parts = [
    ...(own ? [say('list.self')] : []),
    ...(monitor ? [say(MONITOR_NOTES[monitor.state])] : []),
    ...(stream.live && !monitor ? [hearers > 0 ? say('list.liveTo', { count: hearers }) : say('list.live')] : []),
    ...(!own && !stream.live && !monitor ? [say('list.idle')] : []),
  ];
  return html`<span class="avatar" data-level-of=${stream.id}
      ><span class="disc" aria-hidden="true">${initial}</span></span
    >
    <span class="words-of">
      <span class="name">${stream.name}</span>
      <span class="note">${parts.join(' · ')}</span>
    </span>`;
}
