/** The page "Microphone and speaker". */
import { css } from '../adopt-styles.ts';

export const devicesStyles = css`
  .devices {
    padding: 0 8px;
  }
  .devices :is(p, h3) {
    margin: 8px 0;
  }
  .devices h3 {
    font: inherit;
    font-weight: var(--_bold);
  }
  .devices section:only-of-type h3 {
    display: none;
  }
  .devices section + section {
    margin-top: 16px;
    padding-top: 8px;
    border-top: 1px solid var(--_line);
  }
  .devices .row {
    margin-inline: -8px;
    width: calc(100% + 16px);
  }
  .devices .trouble {
    margin: 8px 0 16px;
  }
  .devices .note {
    white-space: normal;
  }
  .devices :is(.test, .plain) .icon {
    display: inline-block;
    width: 20px;
    height: 20px;
    margin-inline-end: 8px;
    vertical-align: -5px;
  }
  .test .note .icon {
    color: var(--_on-air-text);
  }
  .urgent {
    font-weight: var(--_bold);
  }
  .meter {
    height: 16px;
    margin-block: 16px;
    border-radius: 8px;
    overflow: hidden;
    background: color-mix(in srgb, var(--_text) 12%, transparent);
  }
  .meter::before {
    content: '';
    display: block;
    height: 100%;
    inline-size: calc(100% * var(--level, 0));
    background: var(--_primary);
  }
`;
