/** Colours and type of card and page: Home Assistant's tokens, each with a fallback of our own for where there are none. */
import { css } from 'lit';

export const tokens = css`
  :host {
    --_surface: var(--ha-card-background, var(--card-background-color, #ffffff));
    --_text: var(--primary-text-color, #14171c);
    --_quiet: var(--secondary-text-color, #565e6c);
    --_line: var(--divider-color, #e2e5ea);
    --_primary: color-mix(in srgb, var(--primary-color, #0b6e7f) 80%, var(--_text));
    --_on-air: var(--voice-streaming-on-air-color, #d21f3c);
    --_on-air-text: color-mix(in srgb, var(--_on-air) 72%, var(--_text));
    --_soft: color-mix(in srgb, var(--_primary) 10%, transparent);
    --_radius: var(--ha-card-border-radius, 12px);
    --_bold: var(--ha-font-weight-medium, 600);
    --_large: var(--ha-font-size-2xl, 24px);
    --_small: var(--ha-font-size-m, 14px);
    font-family: var(--ha-font-family-body, var(--paper-font-body1_-_font-family, system-ui, sans-serif));
    font-size: var(--_small);
    font-weight: var(--ha-font-weight-normal, 400);
    line-height: 20px;
    color: var(--_text);
    -webkit-font-smoothing: antialiased;
  }
  @media (prefers-color-scheme: dark) {
    :host {
      --_surface: var(--ha-card-background, var(--card-background-color, #1a1d23));
      --_text: var(--primary-text-color, #eef0f4);
      --_quiet: var(--secondary-text-color, #a3abb8);
      --_line: var(--divider-color, #2d323b);
      --_primary: color-mix(in srgb, var(--primary-color, #5cc8d8) 80%, var(--_text));
    }
  }
`;
