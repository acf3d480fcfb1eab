/** "Monitor lost": the whole card is a sign, seen from across the room; no other state has a ground of its own. */
import { css } from 'lit';

export const monitorStyles = css`
  :host([data-state='alarm']) ha-card {
    --_text: #1a1000;
    --_quiet: #1a1000;
    --_primary: #1a1000;
    --_surface: #ffb300;
    outline: 4px solid #1a1000;
    outline-offset: -8px;
  }
  :host([data-state='alarm']) .ring {
    --_ring: #1a1000;
    --_thin: max(3px, 0.045 * var(--_size));
  }
  :host([data-state='alarm']) .round,
  :host([data-state='alarm']) .round:hover:not(:disabled) {
    background: #1a1000;
    color: #ffb300;
  }
  :host([data-state='alarm']) .headline {
    text-transform: uppercase;
  }
  /* Until somebody has heard it. */
  :host([data-alarm]) ha-card {
    animation: alarm 1s step-end infinite;
    cursor: pointer;
  }
  @keyframes alarm {
    50% {
      background: #ffe082;
    }
  }
  @media (forced-colors: active) {
    :host([data-state='alarm']) ha-card {
      outline: 8px double;
    }
  }
`;
