/** The page around the card; the same type, grid and colours. */
import { css } from 'lit';

export const pageStyles = css`
  :host {
    display: block;
  }
  :host(voice-streaming-page) {
    box-sizing: border-box;
    display: flex;
    flex-direction: column;
    gap: 24px;
    min-height: 100dvh;
    max-width: 752px;
    margin: 0 auto;
    padding: 24px 16px;
  }
  [hidden] {
    display: none !important;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 8px 24px;
    padding: 0 8px;
  }
  h1,
  h2,
  h3,
  p {
    margin: 0;
    font-size: inherit;
    font-weight: 400;
  }
  h1 {
    display: flex;
    align-items: center;
    gap: 12px;
    font-size: 24px;
    line-height: 32px;
    font-weight: var(--_bold);
    letter-spacing: -0.01em;
  }
  .mark {
    width: 10px;
    height: 10px;
    margin: 6px;
    border-radius: 50%;
    background: var(--_on-air);
    box-shadow: 0 0 0 6px color-mix(in srgb, var(--_on-air) 24%, transparent);
  }
  h2,
  h3 {
    font-weight: var(--_bold);
  }
  main {
    display: grid;
    gap: 16px;
    grid-template-columns: minmax(0, 1fr);
  }
  .device {
    display: flex;
    align-items: center;
    gap: 12px;
    white-space: nowrap;
    color: var(--_quiet);
  }
  input {
    box-sizing: border-box;
    min-width: 0;
    height: 48px;
    padding: 0 16px;
    font: inherit;
    color: var(--_text);
    background: var(--_surface);
    border: 1px solid var(--_line);
    border-radius: 12px;
  }
  .device input {
    width: 24ch;
    max-width: 100%;
    font-weight: var(--_bold);
  }
  .panel {
    padding: 24px;
    background: var(--_surface);
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
  }
  .panel p {
    color: var(--_quiet);
    max-width: 64ch;
  }
  .panel h3 {
    margin-top: 16px;
  }
  .token {
    display: grid;
    gap: 8px;
  }
  .token h2 {
    font-size: 24px;
    line-height: 32px;
  }
  .line {
    display: flex;
    gap: 8px;
    margin-top: 8px;
  }
  .line input {
    flex: 1;
  }
  button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    flex: none;
    min-height: 48px;
    padding: 0 16px;
    font: inherit;
    font-weight: var(--_bold);
    color: var(--_text);
    background: none;
    border: 1px solid var(--_line);
    border-radius: 12px;
    cursor: pointer;
  }
  button[type='submit'] {
    color: var(--_surface);
    background: var(--_text);
    border-color: transparent;
  }
  :is(button, input, a, summary, textarea):focus-visible {
    outline: 3px solid var(--_primary);
    outline-offset: 2px;
  }
  .icon {
    display: block;
    width: 20px;
    height: 20px;
    fill: none;
    stroke: currentColor;
    stroke-width: 2;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .url {
    display: flex;
    align-items: center;
    gap: 12px;
    margin-top: 8px;
  }
  .format {
    flex: none;
    width: 4ch;
    color: var(--_quiet);
  }
  .url a {
    flex: 1;
    min-width: 0;
    padding: 12px 0;
    color: inherit;
    text-decoration: none;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-family: ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, monospace;
    font-size: 14px;
  }
  .url a:hover {
    text-decoration: underline;
  }
  .url button {
    min-width: 104px;
  }
  details {
    margin-top: 16px;
    padding-top: 4px;
    border-top: 1px solid var(--_line);
  }
  summary {
    min-height: 48px;
    display: flex;
    align-items: center;
    gap: 8px;
    font-weight: var(--_bold);
    cursor: pointer;
  }
  summary::before {
    content: '';
    width: 8px;
    height: 8px;
    margin: 0 4px;
    border: solid currentColor;
    border-width: 0 2px 2px 0;
    transform: rotate(-45deg);
  }
  details[open] > summary::before {
    transform: rotate(45deg);
  }
  footer {
    margin-top: auto;
    min-height: 24px;
    padding: 0 8px;
    color: var(--_quiet);
  }
  @media (max-width: 480px) {
    :host(voice-streaming-page) {
      padding: 16px 8px;
      gap: 16px;
    }
    .device {
      width: 100%;
    }
    .device input {
      flex: 1;
      width: 0;
    }
    .panel {
      padding: 16px;
    }
    .url button span {
      display: none;
    }
    .url button {
      min-width: 48px;
      padding: 0;
    }
  }
`;
