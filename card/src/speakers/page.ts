/** The page "Speakers in the house" as markup: which ones a press goes to, a test of each, how loud, which chime. */
import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { Announcement, Speaker } from '@voice-streaming/shared/protocol';
import type { FetchedTools } from '../fetched-words.ts';
import { sayBehind, sayFault, sayRefused, type Said } from './say-speakers.ts';

export interface SpeakerRow extends Speaker {
  chosen: boolean;
  /** Home Assistant has it no more. */
  gone: boolean;
  test: { announcement: Announcement | undefined; error: unknown };
}

export interface SpeakersPageModel {
  tools: FetchedTools;
  /** Null: not told yet. */
  rows: readonly SpeakerRow[] | null;
  /** Why there is no list. */
  error: unknown;
  /** The card's config says which, and nothing can be chosen here. */
  fixed: boolean;
  choose: (entityId: string, chosen: boolean) => void;
  test: (entityId: string) => void;
  /** Null: as each speaker is. `fixed`: by the config. */
  volume: { value: number | undefined; fixed: boolean; choose: (volume: number | undefined) => void };
  chime: {
    value: string | undefined;
    fixed: boolean;
    names: readonly string[];
    choose: (chime: string | undefined) => void;
  };
  /** Something plays. */
  stop: (() => void) | null;
  /** What is wrong with what was asked for last. */
  wrong: Said | null;
}

const VOLUMES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

export function speakersPage(model: SpeakersPageModel): TemplateResult {
  const { tools, rows, error, fixed, stop, wrong } = model;
  const { say } = tools;
  if (error !== null) {
    const { what, next } = sayRefused(tools, error);
    return html`<div class="house">
      <p role="status"><strong>${what}</strong> ${next}</p>
    </div>`;
  }
  return html`<div class="house">
    <p>${say(fixed ? 'speakers.fixed' : 'speakers.hint')}</p>
    ${wrong ? html`<p role="status" class="urgent"><strong>${wrong.what}</strong> ${wrong.next}</p>` : nothing}
    ${
      stop
        ? html`<button type="button" class="plain" data-action="stopSpeakers" @click=${stop}>
            ${say('speakers.stop')}
          </button>`
        : nothing
    }
    ${list(model, rows)} ${rows && rows.length > 0 ? manners(model) : nothing}
  </div>`;
}

function list({ tools, choose, test, fixed }: SpeakersPageModel, rows: SpeakersPageModel['rows']): TemplateResult {
  const { say, repeat } = tools;
  if (!rows) return html`<p class="empty" role="status">${say('menu.loading')}</p>`;
  if (rows.length === 0) return html`<p class="empty">${say('speakers.none')}</p>`;
  return html`<ul class="list" aria-label=${say('menu.speakers')}>
    ${repeat(
      rows,
      ({ entityId }) => entityId,
      (row) => {
        const { entityId, name, chosen, gone, available } = row;
        const content = html`<span class="avatar"><span class="disc">${tools.icons.house}</span></span>
          <span class="words-of"><span class="name">${name}</span>${note(tools, row)}</span>`;
        return html`<li data-speaker=${entityId} class=${available && !gone ? '' : 'away'}>
          ${
            fixed
              ? html`<div class="row">${content}</div>`
              : html`<button type="button" class="row" aria-pressed=${chosen} @click=${() => choose(entityId, !chosen)}>
                  ${content}<span class="chosen">${chosen ? tools.icons.check : nothing}</span>
                </button>`
          }
          <button
            type="button"
            class="plain"
            data-test-speaker=${entityId}
            aria-label=${say('speakers.test.label', { name })}
            ?disabled=${gone || row.test.announcement?.over === false}
            @click=${() => test(entityId)}
          >
            ${say('speakers.test')}
          </button>
        </li>`;
      },
    )}
  </ul>`;
}

/** What the last test said goes before what is known of it. */
function note(tools: FetchedTools, { area, available, gone, startDelayMs, test, name }: SpeakerRow): TemplateResult {
  const { say } = tools;
  const [target] = test.announcement?.targets ?? [];
  if (test.error !== undefined && test.error !== null) {
    return html`<span class="note urgent" role="status">${sayRefused(tools, test.error).next}</span>`;
  }
  if (target?.state === 'failed') {
    return html`<span class="note urgent" role="status">${sayFault(tools, { ...target, name })}</span>`;
  }
  const delayMs = target?.startDelayMs ?? startDelayMs;
  const parts = [
    ...(area === null ? [] : [area]),
    ...(gone ? [say('speakers.gone')] : available ? [] : [say('speakers.away')]),
    ...(target && test.announcement?.over === false ? [say('speakers.testing')] : []),
    ...(delayMs === null ? [] : [sayBehind(tools, delayMs)]),
  ];
  return html`<span class="note" role=${target ? 'status' : nothing}>${parts.join(' · ')}</span>`;
}

function manners({ tools, volume, chime }: SpeakersPageModel): TemplateResult {
  const { say, language } = tools;
  const percent = new Intl.NumberFormat(language, { style: 'percent' });
  const loud = volume.value !== undefined && !VOLUMES.includes(volume.value) ? [volume.value] : [];
  const known = chime.value !== undefined && !['none', ...chime.names].includes(chime.value) ? [chime.value] : [];
  return html`${select(
    say('speakers.volume'),
    'announceVolume',
    volume.value?.toString() ?? '',
    volume.fixed,
    [
      ['', say('speakers.volume.own')],
      ...[...loud, ...VOLUMES].map((one): [string, string] => [String(one), percent.format(one)]),
    ],
    (value) => volume.choose(value === '' ? undefined : Number(value)),
  )}
  ${select(
    say('speakers.chime'),
    'announceChime',
    chime.value ?? '',
    chime.fixed,
    [
      ['', say('speakers.chime.usual')],
      ['none', say('speakers.chime.none')],
      ...[...known, ...chime.names].map((one): [string, string] => [one, one]),
    ],
    (value) => chime.choose(value === '' ? undefined : value),
  )}
  ${volume.fixed || chime.fixed ? html`<p class="note">${say('speakers.fixed.manners')}</p>` : nothing}`;
}

function select(
  label: string,
  which: string,
  chosen: string,
  fixed: boolean,
  options: readonly [value: string, label: string][],
  choose: (value: string) => void,
): TemplateResult {
  const changed = (event: Event): void => choose((event.target as HTMLSelectElement).value);
  return html`<label
    ><span>${label}</span>
    <select data-choose=${which} .value=${chosen} ?disabled=${fixed} @change=${changed}>
      ${options.map(([value, text]) => html`<option value=${value} ?selected=${value === chosen}>${text}</option>`)}
    </select></label
  >`;
}
