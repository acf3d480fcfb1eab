/** High contrast, where the system chooses the colours: shadows and grounds are gone, so lines take their place. */
import { css } from 'lit';

export const forcedColorsStyles = css`
  @media (forced-colors: active) {
    ha-card {
      outline: none;
    }
    :host([data-state='onAir']) ha-card {
      outline: 4px solid Highlight;
    }
    .ring::before {
      --_voice: calc(var(--_alive) * var(--level, 0));
      inset: calc(-1 * var(--_gap) - var(--_voice));
      border: calc(2px + var(--_voice)) solid CanvasText;
    }
    .mark {
      stroke: CanvasText;
    }
    .round,
    .tap,
    .speakers,
    .dialog .switch,
    :host([data-state='onAir']) .sign {
      border: 2px solid;
    }
    .round:disabled {
      border-color: GrayText;
    }
    :host([data-state='closing']) .round {
      border-width: 6px;
    }
    :host([data-state='onAir']) .round {
      forced-color-adjust: none;
    }
    .avatar {
      border: 1px solid;
      box-sizing: border-box;
    }
    [data-live] > .row .avatar {
      border-width: 3px;
    }
    .dialog .switch {
      padding: 2px;
    }
    .dialog .switch::before {
      background: ButtonText;
    }
    :is(button, input):focus-visible {
      outline-color: Highlight;
    }
  }
`;
