/** One layout in its densities: a tile of one or two rows, a card, a wall that is read from across the room. See DESIGN.md. */
import { css } from 'lit';
import { beside, low, tile, twoRows, wall } from './density-styles.ts';

export const cardStyles = css`
  :host {
    display: block;
    container: voice-card / inline-size;
  }
  /* The dashboard fixes the height: only then may it be asked for. */
  :host([data-fixed-height]) {
    height: 100%;
    container-type: size;
  }
  ha-card {
    position: relative;
    display: grid;
    align-items: center;
    box-sizing: border-box;
    height: 100%;
    overflow: hidden;
    color: var(--_text);
    background: var(--_surface);
    border: var(--ha-card-border-width, 1px) solid var(--ha-card-border-color, var(--_line));
    border-radius: var(--_radius);
    box-shadow: var(--ha-card-box-shadow, none);
    transition: outline-color 160ms ease-out;
    outline: 2px solid transparent;
    outline-offset: -2px;
  }
  :host([data-state='onAir']) ha-card {
    outline-color: var(--_on-air);
  }
  .layout {
    display: grid;
    grid-template: 'title' auto 'ring' auto 'words' auto 'sign' auto / minmax(0, 1fr);
    justify-items: center;
    padding: 16px 16px 8px;
  }
  .title {
    grid-area: title;
    justify-self: start;
    margin: 0 48px 8px 0;
    max-width: 100%;
    font: inherit;
    font-weight: var(--_bold);
  }
  .words {
    grid-area: words;
    position: relative;
    width: 100%;
    min-height: 104px;
    text-align: center;
  }
  .speakers {
    grid-area: sign;
    position: relative;
    display: inline-flex;
    align-items: center;
    gap: 8px;
    max-width: 100%;
    min-height: 32px;
    margin: 8px 0;
    padding: 0 12px;
    border-radius: 16px;
    background: var(--_soft);
    font-weight: var(--_bold);
  }
  .speakers::after {
    content: '';
    position: absolute;
    inset: -8px 0;
  }
  .speakers span {
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .speakers .count {
    display: none;
  }
  .speakers .icon {
    flex: none;
    width: 20px;
    height: 20px;
    color: var(--_primary);
  }
  .headline {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: 0 0.4em;
    margin: 0;
    min-height: 40px;
    font-size: var(--_large);
    line-height: 32px;
    font-weight: var(--_bold);
  }
  .headline > span {
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .time {
    font-weight: var(--ha-font-weight-normal, 400);
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  :host([data-state='onAir']) .sign {
    padding: 0 0.5em;
    border-radius: 0.25em;
    font-size: 0.84em;
    letter-spacing: 0.06em;
    white-space: nowrap;
    color: #ffffff;
    background: var(--_on-air);
  }
  /* Spaces between them tear joined letters apart. */
  :host([dir='rtl']) .sign.sign {
    letter-spacing: 0;
  }
  .hint {
    margin: 4px auto 0;
    max-width: 40ch;
    color: var(--_quiet);
    overflow-wrap: anywhere;
    text-wrap: balance;
    /* A long reason does not make the card higher: the dialog has all of it. */
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 3;
    line-clamp: 3;
    overflow: hidden;
  }
  .hint .icon {
    display: inline-block;
    width: 1.25em;
    height: 1.25em;
    margin-inline-end: 4px;
    vertical-align: -0.25em;
    color: var(--_on-air-text);
  }
  .hint.urgent {
    color: var(--_text);
    font-weight: var(--_bold);
  }
  .icon {
    display: block;
    width: 24px;
    height: 24px;
    fill: none;
    stroke: currentColor;
    stroke-width: 2;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  button {
    font: inherit;
    color: inherit;
    background: none;
    border: 0;
    margin: 0;
    padding: 0;
    cursor: pointer;
    -webkit-tap-highlight-color: transparent;
  }
  button:disabled {
    cursor: default;
  }
  :is(button, input):focus-visible {
    outline: 3px solid var(--_primary);
    outline-offset: 3px;
  }
  .menu {
    position: absolute;
    z-index: 1;
    inset-block-start: 4px;
    inset-inline-end: 4px;
    width: 48px;
    height: 48px;
    display: grid;
    place-items: center;
    border-radius: 50%;
    color: var(--_quiet);
    transition: background-color 160ms ease-out;
  }
  .menu .icon {
    width: 20px;
    height: 20px;
  }
  @media (hover: hover) {
    .menu:hover:not(:disabled) {
      background: color-mix(in srgb, var(--_text) 6%, transparent);
    }
  }
  .tap {
    position: relative;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    max-width: 100%;
    min-height: 48px;
    padding: 0 24px;
    border-radius: 24px;
    font-weight: var(--_bold);
    background: var(--_text);
    color: var(--_surface);
  }
  .tap + .hint {
    margin-top: 8px;
    -webkit-line-clamp: 2;
    line-clamp: 2;
  }
  .tap span {
    overflow: hidden;
    text-overflow: ellipsis;
  }

  /* The rows of several talkers are in the place of the words. */
  :host([data-talkers]) .status,
  .said {
    position: absolute;
    inset-block-start: 0;
    margin: 0;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  @container voice-card (min-width: 560px) {
    ${beside}
    .ring {
      --_size: 144px;
    }
  }
  @container voice-card (min-width: 768px) {
    ${wall}
  }
  @container voice-card (min-height: 120px) and (max-height: 279px) {
    ${beside}
    ${low}
  }
  @container voice-card (min-height: 120px) and ((max-height: 183px) or ((max-height: 279px) and (max-width: 399px))) {
    ${twoRows}
  }
  @container voice-card (max-width: 279px) {
    ${tile}
  }
  @container voice-card (max-height: 119px) {
    ${tile}
  }
  @container voice-card (max-width: 279px) and (min-height: 120px) {
    .headline,
    .hint.hint {
      white-space: normal;
    }
    .headline {
      max-height: 40px;
    }
    .hint.hint {
      display: -webkit-box;
    }
  }
  @container voice-card (max-width: 199px) {
    /* No room for an icon: the words lead to the dialog, as those of Home Assistant's own tiles do. */
    .menu {
      grid-area: auto;
      position: absolute;
      inset: 0;
      inset-inline-start: 52px;
      width: auto;
      height: auto;
      border-radius: var(--_radius);
    }
    .menu:focus-visible {
      outline-offset: -3px;
    }
    .menu .icon {
      display: none;
    }
    .words {
      padding-inline-end: 8px;
    }
    .tap {
      z-index: 2;
    }
  }
`;
