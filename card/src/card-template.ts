/** The card's markup: the ring, the words, one quiet icon. Draws a view; knows nothing of sessions. */
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { SpeakersFacts } from './card-speakers.ts';
import type { CardView } from './card-view.ts';
import type { Mode } from './config.ts';
import type { HoldGesture } from './hold-gesture.ts';
import { icons } from './icons.ts';
import { initialOf } from './initial.ts';
import { reloadPage } from './reload.ts';
import type { TalkGesture } from './talk-gesture.ts';
import type { TalkerRow } from './talker-rows.ts';
import { fill, say } from './texts.ts';

export interface CardActions {
  gesture: TalkGesture;
  toggleListen: () => void;
  /** Of a card that is always on. */
  monitorGesture: HoldGesture;
  startMonitor: () => void;
  /** Somebody has heard the alarm. */
  acknowledge: () => void;
  enableSound: () => void;
  openMenu: () => void;
  openSpeakers: () => void;
  stopSpeakers: () => void;
  mute: (id: string, muted: boolean) => void;
  /** Somebody points at the talkers, or no longer does. */
  holdRows: (held: boolean) => void;
}

export interface CardModel {
  view: CardView;
  mode: Mode;
  /** See `always_on` in config.ts. */
  alwaysOn: boolean;
  title: string | undefined;
  soundOn: boolean;
  /** Nothing can be pressed: there is no session. */
  inert: boolean;
  /** Null: nobody is spoken to but cards. */
  speakers: SpeakersFacts | null;
  /** For screen readers: the last change. */
  said: string;
}

export function cardTemplate(model: CardModel, actions: CardActions): TemplateResult {
  const { view, title, mode, inert, soundOn, speakers, said } = model;
  const muted = mode === 'intercom' && !soundOn && !inert;
  return html`<div class="layout ${title === undefined ? '' : 'titled'} ${speakers ? 'signed' : ''}">
    ${title === undefined ? nothing : html`<h2 class="title" part="title">${title}</h2>`}
    <div class="ring" part="ring" data-level-of=${view.voice ?? nothing} style=${ringStyle(view)}>
      <svg class="mark" viewBox="0 0 100 100" aria-hidden="true">
        <circle cx="50" cy="50" r="49" pathLength="100" />
      </svg>
      ${button(model, actions)}
    </div>
    <div class="words">
      <div class="status" id="status" part="status" role="status" aria-live="off">${status(model, actions)}</div>
      <p class="said" aria-live="polite">${said}</p>
      ${view.talkers.length > 0 ? talkers(view.talkers, actions) : nothing}
    </div>
    ${speakers ? speakersSign(speakers, view, inert, actions) : nothing}
    <button
      type="button"
      class="menu"
      part="menu"
      data-action="menu"
      aria-haspopup="dialog"
      aria-label=${muted ? `${say('menu.open')}: ${say('listen.off')}` : say('menu.open')}
      title=${say('menu.open')}
      ?disabled=${inert}
      @click=${actions.openMenu}
    >
      ${muted ? icons.soundOff : icons.adjust}
    </button>
  </div>`;
}

/** In a tile there is room for the number only. Where something else stands in place of the headline, it is the way to stop them. */
function speakersSign(
  { state, sign, stop, count }: SpeakersFacts,
  { stops, offline }: CardView,
  inert: boolean,
  { openSpeakers, stopSpeakers }: CardActions,
): TemplateResult {
  const ends = stop !== null && !stops && !offline;
  // Not a tap on the card as well, which would silence an alarm.
  const end = (event: Event): void => {
    event.stopPropagation();
    stopSpeakers();
  };
  return html`<button
    type="button"
    class="speakers"
    part="speakers"
    data-action=${ends ? 'stopSpeakers' : 'speakers'}
    title=${ends ? stop : nothing}
    ?disabled=${inert}
    @click=${ends ? end : openSpeakers}
  >
    ${ends ? icons.soundOff : state === 'failed' ? icons.warning : icons.house}<span>${ends ? stop : sign}</span
    ><span class="count" aria-hidden="true">${fill('+{count}', { count })}</span>
  </button>`;
}

function ringStyle({ countdown }: CardView): string | typeof nothing {
  return countdown === null ? nothing : `--left: ${countdown.toFixed(3)}`;
}

function button(model: CardModel, actions: CardActions): TemplateResult {
  if (model.view.unheard) return alarmButton(actions);
  if (model.alwaysOn) return monitorButton(model, actions);
  return model.mode === 'receiver' ? listenButton(model, actions) : talkButton(model, actions);
}

function alarmButton({ acknowledge }: CardActions): TemplateResult {
  return html`<button
    type="button"
    class="round"
    part="button"
    data-action="acknowledge"
    aria-label=${say('alarm.silence')}
    @click=${acknowledge}
  >
    ${icons.warning}
  </button>`;
}

function monitorButton({ view, inert }: CardModel, { monitorGesture: gesture }: CardActions): TemplateResult {
  const { state, offline } = view;
  const still = offline ? icons.offline : state === 'trouble' ? icons.warning : icons.ear;
  return html`<button
    type="button"
    class="round"
    part="button"
    data-action="monitor"
    aria-label=${say('monitor.toggle')}
    aria-pressed=${state === 'onAir' || state === 'opening' || state === 'trouble'}
    ?disabled=${inert}
    @pointerdown=${gesture.pointerDown}
    @pointerup=${gesture.pointerUp}
    @pointercancel=${gesture.pointerCancel}
    @lostpointercapture=${gesture.pointerCancel}
    @keydown=${gesture.keyDown}
    @keyup=${gesture.keyUp}
    @blur=${gesture.blur}
    @click=${gesture.click}
    @contextmenu=${(event: Event) => event.preventDefault()}
  >
    ${state === 'onAir' ? icons.ear : still}
  </button>`;
}

function talkButton({ view, inert }: CardModel, { gesture }: CardActions): TemplateResult {
  const { state, offline } = view;
  const on = state === 'opening' || state === 'onAir' || state === 'closing';
  const still = offline ? icons.offline : state === 'trouble' ? icons.warning : icons.microphone;
  return html`<button
    type="button"
    class="round"
    part="button"
    data-action="talk"
    aria-label=${say('talk.label')}
    aria-describedby="status"
    aria-pressed=${on}
    ?disabled=${inert}
    @pointerdown=${gesture.pointerDown}
    @pointermove=${gesture.pointerMove}
    @pointerup=${gesture.pointerUp}
    @pointercancel=${gesture.pointerCancel}
    @lostpointercapture=${gesture.pointerCancel}
    @keydown=${gesture.keyDown}
    @keyup=${gesture.keyUp}
    @blur=${gesture.blur}
    @click=${gesture.click}
    @contextmenu=${(event: Event) => event.preventDefault()}
  >
    ${state === 'onAir' ? icons.microphoneOpen : still}
  </button>`;
}

function listenButton({ view, soundOn, inert }: CardModel, { toggleListen }: CardActions): TemplateResult {
  const { state, offline } = view;
  const still = soundOn && state !== 'needsTap' ? icons.sound : icons.soundOff;
  return html`<button
    type="button"
    class="round"
    part="button"
    data-action="listen"
    aria-label=${say('listen.label')}
    aria-describedby="status"
    aria-pressed=${soundOn}
    ?disabled=${inert}
    @click=${toggleListen}
  >
    ${offline ? icons.offline : state === 'trouble' || state === 'alarm' ? icons.warning : still}
  </button>`;
}

function status(model: CardModel, actions: CardActions): TemplateResult {
  const { view } = model;
  const tap = tapOf(model, actions);
  const headline = tap
    ? html`<button type="button" class="tap" data-action=${tap.action} @click=${tap.click}>
        ${tap.icon}<span>${tap.label}</span>
      </button>`
    : html`<p class="headline" part="headline">
        <span class="sign">${view.headline}</span
        >${view.time === '' ? nothing : html` <span class="time" aria-hidden="true">${view.time}</span>`}
      </p>`;
  return html`${headline}
    <p class="hint ${view.urgent ? 'urgent' : ''}" part="hint">
      ${view.microphoneOpen ? icons.microphoneOpen : nothing}${view.hint}
    </p>`;
}

/** Where one tap on a button helps, it stands in place of the headline. */
function tapOf(
  { view: { state, headline: label, trouble, start, stops }, alwaysOn }: CardModel,
  { enableSound, startMonitor, stopSpeakers }: CardActions,
): { action: string; label: string; icon: unknown; click: () => void } | null {
  if (state === 'needsTap') {
    return alwaysOn
      ? { action: 'startMonitor', label, icon: icons.microphone, click: startMonitor }
      : { action: 'enableSound', label, icon: icons.soundOff, click: enableSound };
  }
  if (start) return { action: 'start', label: say('app.start'), icon: nothing, click: start };
  if (stops) return { action: 'stopSpeakers', label, icon: icons.soundOff, click: stopSpeakers };
  if (trouble !== 'cardTooOld') return null;
  return { action: 'reload', label: say('page.reload'), icon: nothing, click: () => void reloadPage() };
}

function talkers(rows: readonly TalkerRow[], { mute, holdRows }: CardActions): TemplateResult {
  return html`<ul
    class="talkers ${rows.length > 2 ? 'many' : ''}"
    part="talkers"
    aria-label=${say('list.talking')}
    @pointerenter=${() => holdRows(true)}
    @pointerdown=${() => holdRows(true)}
    @pointerleave=${() => holdRows(false)}
    @pointercancel=${() => holdRows(false)}
  >
    ${repeat(
      rows,
      ({ id }) => id,
      ({ id, name, live, muted }) =>
        html`<li part="stream" data-stream-id=${id} ?data-live=${live}>
          <button
            type="button"
            class="row"
            aria-pressed=${muted}
            title=${say('list.silence', { name })}
            @click=${() => mute(id, !muted)}
          >
            <span class="avatar" data-level-of=${id}
              ><span class="disc" aria-hidden="true">${muted ? icons.soundOff : initialOf(name)}</span></span
            ><span class="name">${name}</span>
          </button>
        </li>`,
    )}
  </ul>`;
}
