/** The page "Details" as markup: what is true of the connection, the most telling four lines first. */
import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { PageTools } from '../page-tools.ts';
import { VERSION } from '../version.ts';
import { connectedOf, delayOf, lossOf, roundTripOf, type DetailsFacts, type PathFacts } from './facts.ts';
import type { Candidate } from './path-stats.ts';
import type { DetailsKey, Words } from './words.ts';

export interface DetailsPageModel {
  facts: DetailsFacts;
  words: Words;
  tools: Pick<PageTools, 'say' | 'sayTrouble'>;
  copied: boolean;
  /** The report, to be copied by hand. */
  text: string | null;
  measure: () => void;
  copy: () => void;
}

export function detailsPage(model: DetailsPageModel): TemplateResult {
  const { facts, words, tools, copied, text, copy } = model;
  const { say } = words;
  const delay = delayOf(facts);
  return html`<div class="details">
    <dl class="summary">
      ${row(words, 'connected', say(`connected.${connectedOf(facts)}`), roundTripNote(facts, words))}
      ${row(words, 'delay', delayText(delay, words), say('delay.note'))}
      ${row(words, 'loss', shareOr(words, lossOf(facts)), say('loss.note'))}
      ${row(words, 'heardBy', heardByText(facts, words))}
    </dl>
    <h3>${say('echo.title')}</h3>
    ${echoSection(model)}
    <h3>${say('delay.title')}</h3>
    <dl>
      ${delay.parts.map(({ part, ms }) => {
        const note = part === 'frame' || part === 'talker' || part === 'buffer' ? say(`delay.${part}.note`) : undefined;
        return row(words, `delay.${part}`, msOr(words, ms), note);
      })}
    </dl>
    <h3>${say('path.in')}</h3>
    ${pathSection(words, facts.receiving, facts.hearing.join(', ') || tools.say('listen.quiet'))}
    <h3>${say('path.out')}</h3>
    ${pathSection(words, facts.sending, null)}
    <h3>${say('report.title')}</h3>
    <p class="note">${say('report.note')}</p>
    <button type="button" class="action" data-action="copyReport" @click=${copy}>
      ${copied ? tools.say('page.copied') : say('report.copy')}
    </button>
    ${
      text === null
        ? nothing
        : html`<textarea
            data-field="report"
            readonly
            rows="8"
            aria-label=${say('report.title')}
            .value=${text}
          ></textarea>`
    }
    <p class="note">${say('report.versions', { card: VERSION, server: facts.serverVersion ?? say('unknown') })}</p>
  </div>`;
}

function row({ say }: Words, key: DetailsKey, value: string, note?: string): TemplateResult {
  return html`<div data-fact=${key}>
    <dt>${say(key)}</dt>
    <dd>${value}</dd>
    ${note === undefined ? nothing : html`<dd class="note">${note}</dd>`}
  </div>`;
}

function roundTripNote(facts: DetailsFacts, { say, ms }: Words): string {
  const roundTripMs = roundTripOf(facts);
  if (roundTripMs === null) return say('roundTrip.unknown');
  return say(facts.signalingMs === null ? 'roundTrip' : 'roundTrip.signaling', { value: ms(roundTripMs) });
}

function heardByText({ onAir, heardBy }: DetailsFacts, { say, count }: Words): string {
  if (!onAir) return say('notOnAir');
  return heardBy === 0 ? say('nobody') : count(heardBy);
}

function delayText(delay: ReturnType<typeof delayOf>, { say, ms }: Words): string {
  return say(delay.atLeast ? 'atLeast' : 'about', { value: ms(Math.round(delay.ms)) });
}

function echoSection({ facts: { echo }, words: { say, ms }, tools, measure }: DetailsPageModel): TemplateResult {
  const running = echo.state === 'running';
  let result = say('echo.note');
  if (echo.state === 'measured') result = say('echo.measured', { value: ms(Math.round(echo.ms)) });
  if (echo.state === 'failed') {
    const { reason } = echo;
    const text =
      typeof reason === 'string' ? say(`echo.${reason}`) : Object.values(tools.sayTrouble(reason)).join('. ');
    result = say('echo.failed', { reason: text });
  }
  return html`<p class="result" role="status" data-echo=${echo.state}>${result}</p>
    <button type="button" class="action" data-action="measure" aria-disabled=${running} @click=${measure}>
      ${say(running ? 'echo.running' : 'echo.start')}
    </button>`;
}

/** `hearing`: null where the voice goes out. */
function pathSection(words: Words, path: PathFacts | null, hearing: string | null): TemplateResult {
  const { say, kbps } = words;
  if (!path) return html`<p class="note">${say('path.none')}</p>`;
  const { state, quality, codec, local, remote, roundTripMs, jitterMs } = path;
  const inbound = hearing !== null;
  return html`<dl data-path=${inbound ? 'in' : 'out'}>
    ${inbound ? row(words, 'path.hearing', hearing) : nothing} ${row(words, 'path.state', state)}
    ${row(words, 'path.here', candidateText(words, local))} ${row(words, 'path.there', candidateText(words, remote))}
    ${row(words, 'path.roundTrip', msOr(words, roundTripMs))} ${row(words, 'path.lost', shareOr(words, quality?.loss))}
    ${inbound ? row(words, 'path.concealed', shareOr(words, quality?.concealed), say('path.concealed.note')) : nothing}
    ${row(words, 'path.jitter', msOr(words, jitterMs), say('path.jitter.note'))}
    ${inbound ? row(words, 'path.buffer', msOr(words, quality?.bufferMs ?? null)) : nothing}
    ${row(words, 'path.codec', codec ?? say('noVoice'))}
    ${row(words, 'path.bitrate', quality ? kbps(quality.kbps) : say('noVoice'))}
  </dl>`;
}

function candidateText({ say }: Words, candidate: Candidate | null): string {
  if (!candidate) return say('unknown');
  const { type, protocol, address, port } = candidate;
  const place = address === null ? say('path.hidden') : `${address}${port === null ? '' : `:${port}`}`;
  return `${place} ${protocol} ${type}`;
}

const msOr = ({ say, ms }: Words, value: number | null): string => (value === null ? say('unknown') : ms(value));

const shareOr = ({ say, share }: Words, value: number | null | undefined): string =>
  value === null || value === undefined ? say('noVoice') : share(value);
