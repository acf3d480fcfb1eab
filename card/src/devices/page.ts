/** The page "Microphone and speaker" of the dialog: which ones, how the microphone is processed, and a test of each. */
import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { Processing } from '../microphone-settings.ts';
import type { FetchedTools } from '../fetched-words.ts';
import type { Trouble } from '../trouble.ts';
import type { AudioDevice } from './device-list.ts';
import type { MicrophoneTest } from './microphone-test.ts';

type Tools = Pick<FetchedTools, 'say' | 'icons' | 'troubleText'>;

export interface DeviceChoice {
  devices: readonly AudioDevice[];
  /** Empty: the system's own. */
  chosen: string;
  /** What the chosen one is called, if it is not there now. */
  gone: string | null;
  choose: (id: string) => void;
}

export interface DevicesPageModel {
  tools: Tools;
  /** The browser keeps the devices' names from this page until it may use the microphone. */
  unnamed: boolean;
  ask: () => void;
  trouble: Trouble | null;
  /** Null in a card that only hears. */
  microphone: {
    choice: DeviceChoice;
    switches: readonly { name: Processing; on: boolean; set: (on: boolean) => void }[];
    test: Pick<
      MicrophoneTest,
      'state' | 'hears' | 'isOpen' | 'hasRecording' | 'start' | 'record' | 'playBack' | 'stop'
    >;
    /** One talks now. */
    busy: boolean;
  } | null;
  /** Null in a card that only speaks. */
  speaker: {
    choice: DeviceChoice;
    /** Whether the browser lets a page choose. */
    possible: boolean;
    /** The browser's own list. */
    pick: (() => void) | null;
    refused: boolean;
    /** The test sound plays. */
    sounding: boolean;
    sound: () => void;
  } | null;
}

export function devicesPage({ tools, unnamed, ask, trouble, microphone, speaker }: DevicesPageModel): TemplateResult {
  const { say, troubleText } = tools;
  return html`<div class="devices">
    ${trouble ? troubleText(trouble) : nothing}
    ${
      unnamed
        ? html`<p>${say('devices.unnamed')}</p>
            <button type="button" class="plain" data-action="askDevices" @click=${ask}>${say('devices.ask')}</button>`
        : nothing
    }
    ${microphone ? microphonePart(tools, microphone, unnamed) : nothing}
    ${speaker ? speakerPart(tools, speaker, unnamed) : nothing}
  </div>`;
}

function microphonePart(
  tools: Tools,
  { choice, switches, test, busy }: NonNullable<DevicesPageModel['microphone']>,
  unnamed: boolean,
): TemplateResult {
  const { say } = tools;
  return html`<section aria-labelledby="microphone">
    <h3 id="microphone">${say('devices.microphone')}</h3>
    ${unnamed ? nothing : select(tools, 'microphone', choice)} ${testPart(tools, test, busy)}
    ${switches.map(
      ({ name, on, set }) =>
        html`<button type="button" class="row" data-switch=${name} aria-pressed=${on} @click=${() => set(!on)}>
          <span class="words-of"
            ><span class="name">${say(`devices.${name}`)}</span
            ><span class="note">${say(`devices.${name}.note`)}</span></span
          ><span class="switch" aria-hidden="true"></span>
        </button>`,
    )}
  </section>`;
}

function speakerPart(
  tools: Tools,
  { choice, possible, pick, refused, sounding, sound }: NonNullable<DevicesPageModel['speaker']>,
  unnamed: boolean,
): TemplateResult {
  const { say, icons } = tools;
  const listed = possible && choice.devices.length > 0 && (!unnamed || pick !== null);
  return html`<section aria-labelledby="speaker">
    <h3 id="speaker">${say('devices.speaker')}</h3>
    ${listed ? select(tools, 'speaker', choice) : nothing}
    ${possible ? nothing : html`<p>${say('speaker.impossible')}</p>`}
    ${refused ? html`<p role="alert">${say('speaker.refused')}</p>` : nothing}
    <div class="buttons">
      ${
        pick && possible
          ? html`<button type="button" class="plain" data-action="pickSpeaker" @click=${pick}>
              ${say('speaker.pick')}
            </button>`
          : nothing
      }
      <button type="button" class="plain" data-action="testSpeaker" @click=${sound}>
        ${icons.sound}${sounding ? say('speaker.sounding') : say('speaker.test')}
      </button>
    </div>
  </section>`;
}

function select(
  { say }: Tools,
  which: 'microphone' | 'speaker',
  { devices, chosen, gone, choose }: DeviceChoice,
): TemplateResult {
  const changed = (event: Event): void => choose((event.target as HTMLSelectElement).value);
  return html`<select aria-labelledby=${which} data-choose=${which} .value=${chosen} @change=${changed}>
      <option value="" ?selected=${chosen === ''}>${say('devices.default')}</option>
      ${devices.map(
        ({ id, label }) =>
          html`<option value=${id} ?selected=${id === chosen}>
            ${gone === label ? say('devices.away', { label }) : label}
          </option>`,
      )}
    </select>
    <div role="status">${gone === null ? nothing : html`<p>${say('devices.gone', { label: gone })}</p>`}</div>`;
}

function testPart(
  tools: Tools,
  test: NonNullable<DevicesPageModel['microphone']>['test'],
  busy: boolean,
): TemplateResult {
  const { say, icons } = tools;
  const { state, hears, isOpen, hasRecording } = test;
  const toggle = (): void => (state === 'off' ? void test.start() : test.stop());
  const words = {
    'nothing yet': say('test.waiting'),
    nothing: say('test.silent'),
    voice: say('test.heard'),
  }[hears];
  const said = {
    off: busy ? say('test.busy') : say('test.hint'),
    opening: say('talk.opening'),
    on: words,
    recording: say('test.recording'),
    playing: say('test.playing'),
  }[state];
  return html`<div class="test ${isOpen ? 'open' : ''}" data-test=${state}>
    <div class="meter" aria-hidden="true" ?hidden=${!isOpen}></div>
    <p role="status" class=${state === 'on' && hears === 'nothing' ? 'urgent' : ''}>${said}</p>
    ${isOpen ? html`<p class="note">${icons.microphoneOpen}${say('test.open')}</p>` : nothing}
    <div class="buttons">
      <button type="button" class="plain" data-action="test" ?disabled=${busy} @click=${toggle}>
        ${state === 'off' ? say('test.start') : say('test.stop')}
      </button>
      ${isOpen || hasRecording ? recordButton(tools, test) : nothing}
    </div>
  </div>`;
}

/** One button all along: the focus stays on it. */
function recordButton({ say }: Tools, test: NonNullable<DevicesPageModel['microphone']>['test']): TemplateResult {
  const again = test.hasRecording;
  const idle = test.state === 'on' || test.state === 'off';
  return html`<button
    type="button"
    class="plain"
    data-action=${again ? 'hearAgain' : 'record'}
    aria-disabled=${!idle}
    @click=${() => void (again ? test.playBack() : test.record())}
  >
    ${again ? say('test.again') : say('test.record')}
  </button>`;
}
