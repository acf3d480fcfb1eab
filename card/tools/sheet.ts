/** The sheet: every state and density of the card on one page, and single ones for tests and screenshots. */
import { html, render, type TemplateResult } from 'lit';
import type { ShowOptions } from './build.mjs';
import { languages, speakStill } from './languages.ts';
import { haTile, mushroomCard } from './lookalikes.ts';
import { mainStates, states } from './states.ts';
import './still-card.ts';

const FIXED = { grid_options: { rows: 1 } };

function card(name: string, { widthPx, heightPx }: ShowOptions): TemplateResult {
  const still = states[name];
  const size = `width: ${widthPx}px${heightPx === undefined ? '' : `; height: ${heightPx}px`}`;
  const config = { ...still?.config, ...(heightPx === undefined ? {} : FIXED) };
  return html`<div style=${size}><still-card .still=${{ ...still, config }}></still-card></div>`;
}

const figure = (name: string, options: ShowOptions): TemplateResult =>
  html`<figure>
    ${card(name, options)}
    <figcaption>${name}</figcaption>
  </figure>`;

function set({ theme = 'light', language = 'en' }: Partial<ShowOptions>): void {
  document.documentElement.dataset['theme'] = theme;
  speakStill(language);
}

function show(name: string, options: ShowOptions): void {
  set(options);
  render(
    html`<main>
      <h1 hidden>${name}</h1>
      ${card(name, options)}
    </main>`,
    document.body,
  );
}

function showAll(options: Partial<ShowOptions> = {}): void {
  set(options);
  const closed = Object.keys(states).filter((name) => states[name]?.menu === undefined);
  render(
    html`<h2>Card, 320 px</h2>
      <div class="grid">${closed.map((name) => figure(name, { widthPx: 320 }))}</div>
      <h2>Tile, 250 px, beside Home Assistant’s and Mushroom’s</h2>
      <div class="grid tiles">
        ${haTile('Kitchen light', 'On · 80%')}${mushroomCard('Kitchen light', 'On · 80%')}
        ${[
          ...mainStates,
          'on air, last seconds',
          'four speak',
          'microphone warm',
          'speakers chosen',
          'on air, on speakers',
          'speakers still play',
          'nobody else',
          'monitor',
          'monitor lost',
        ].map((name) => figure(name, { widthPx: 250 }))}
        ${figure('idle', { widthPx: 172 })} ${figure('on air', { widthPx: 172 })}
        ${figure('receiving', { widthPx: 172 })}
      </div>
      <h2>One row of a section, 500 px wide</h2>
      <div class="grid" style="grid-template-columns: repeat(2, 500px)">
        ${['idle', 'on air', 'receiving', 'needs a tap'].map((name) => figure(name, { widthPx: 500, heightPx: 56 }))}
      </div>
      <h2>Three rows</h2>
      <div class="grid" style="grid-template-columns: repeat(3, 420px)">
        ${['on air', 'two speak', 'long reason', 'speakers chosen', 'speakers still play, one failed', 'speakers, receiving'].map((name) => figure(name, { widthPx: 420, heightPx: 184 }))}
      </div>
      <h2>Wide card, 640 px</h2>
      <div class="grid" style="grid-template-columns: repeat(2, 640px)">
        ${['latch only', 'receiving', 'on air, latched', 'four speak', 'speakers only', 'speakers still play'].map((name) => figure(name, { widthPx: 640 }))}
      </div>
      <h2>Wall, 1280 px</h2>
      <div class="grid" style="grid-template-columns: 1280px">
        ${['receiving', 'on air', 'four speak', 'idle', 'offline', 'hears a monitor, quiet', 'monitor lost', 'on air, on speakers', 'speakers still play'].map((name) => figure(name, { widthPx: 1280 }))}
      </div>`,
    document.body,
  );
}

/** The picture in the README. */
function showHero(): void {
  set({});
  const half = (theme: string, large: string, tiles: readonly string[]): TemplateResult =>
    html`<section data-theme=${theme}>
      ${card(large, { widthPx: 304 })} ${haTile('Kitchen light', 'On · 80%')}
      ${tiles.map((name) => card(name, { widthPx: 240 }))}
    </section>`;
  render(
    html`<div class="hero">
      ${half('light', 'receiving', ['idle', 'receiving', 'on air', 'needs a tap'])}
      ${half('dark', 'on air', ['two speak', 'opening', 'on air, last seconds', 'offline'])}
    </div>`,
    document.body,
  );
}

window.sheet = { names: Object.keys(states), mainStates, languages, show, showAll, showHero };
