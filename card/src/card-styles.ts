/**
 * The look. One idea: the ring is the voice. Two type sizes, two weights, an 8 px grid; colours from Home Assistant's
 * theme with fallbacks of our own, one accent for on air. States differ in shape, not in colour alone.
 */
import { css } from 'lit';

export const cardStyles = css`
  :host {
    display: block;
    container-type: inline-size;
    --_surface: var(--ha-card-background, var(--card-background-color, #ffffff));
    --_text: var(--primary-text-color, #14171c);
    --_quiet: var(--secondary-text-color, #565e6c);
    --_line: var(--divider-color, #e2e5ea);
    --_primary: var(--primary-color, #0b6e7f);
    --_on-air: var(--voice-streaming-on-air-color, #d21f3c);
    --_soft: color-mix(in srgb, var(--_primary) 10%, var(--_surface));
    --_large: 24px;
    --_small: 15px;
    font: 400 var(--_small) / 24px
      var(--ha-font-family-body, var(--paper-font-body1_-_font-family, system-ui, sans-serif));
    color: var(--_text);
    -webkit-font-smoothing: antialiased;
  }
  @media (prefers-color-scheme: dark) {
    :host {
      --_surface: var(--ha-card-background, var(--card-background-color, #1a1d23));
      --_text: var(--primary-text-color, #eef0f4);
      --_quiet: var(--secondary-text-color, #a3abb8);
      --_line: var(--divider-color, #2d323b);
      --_primary: var(--primary-color, #5cc8d8);
    }
  }
  ha-card {
    display: block;
    box-sizing: border-box;
    overflow: hidden;
    background: var(--_surface);
    color: var(--_text);
    border: var(--ha-card-border-width, 1px) solid var(--ha-card-border-color, var(--_line));
    border-radius: var(--ha-card-border-radius, 16px);
    box-shadow: var(--ha-card-box-shadow, none);
  }
  .layout {
    display: grid;
    gap: 0 32px;
    padding: 16px;
    grid-template: 'head' 48px 'stage' auto 'status' auto 'voices' auto / minmax(0, 1fr);
  }
  .head {
    grid-area: head;
    display: flex;
    align-items: center;
    justify-content: space-between;
  }
  .title {
    margin: 0 0 0 8px;
    font: inherit;
    font-weight: 600;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .stage {
    grid-area: stage;
    display: grid;
    place-items: center;
    padding: 24px 0 32px;
  }
  .status {
    grid-area: status;
    min-height: 112px;
    text-align: center;
  }
  .headline {
    margin: 0;
    font-size: var(--_large);
    line-height: 32px;
    font-weight: 600;
    overflow-wrap: anywhere;
  }
  .hint {
    margin: 8px auto 0;
    max-width: 44ch;
    min-height: 24px;
    color: var(--_quiet);
    overflow-wrap: anywhere;
    text-wrap: balance;
  }
  .time {
    margin-inline-start: 12px;
    font-weight: 400;
    font-variant-numeric: tabular-nums;
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
  button:focus-visible {
    outline: 3px solid var(--_primary);
    outline-offset: 3px;
  }

  .switch {
    width: 48px;
    height: 48px;
    border-radius: 50%;
    display: grid;
    place-items: center;
    color: var(--_quiet);
    transition: background-color 160ms ease-out;
  }
  .switch[aria-pressed='true'] {
    background: var(--_soft);
    color: var(--_primary);
  }

  @container (min-width: 600px) {
    .layout {
      padding: 16px 24px 24px;
      grid-template: 'head head' 48px 'stage voices' auto 'status voices' 1fr / minmax(0, 1fr) minmax(0, 1fr);
    }
    .title {
      margin-inline-start: 0;
    }
    .switch {
      margin-inline-end: -8px;
    }
    .status {
      min-height: 96px;
    }
    .ring {
      --_size: 160px;
    }
    .round .icon {
      width: 56px;
      height: 56px;
    }
    .voices {
      margin: 0;
      padding: 0 0 0 24px;
      border-top: 0;
      border-inline-start: 1px solid var(--_line);
      max-height: 380px;
      overflow-y: auto;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation: none !important;
      transition: none !important;
    }
  }
`;
