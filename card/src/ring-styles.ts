/** The ring and its button: one shape per state, so that no state is told by its colour alone. See DESIGN.md. */
import { css } from 'lit';

export const ringStyles = css`
  .ring {
    --_ring: var(--_primary);
    --_size: 128px;
    --_gap: max(3px, 0.05 * var(--_size));
    --_thin: max(2px, 0.018 * var(--_size));
    /* What the loudest voice adds. */
    --_alive: calc(0.075 * var(--_size));
    grid-area: ring;
    position: relative;
    width: var(--_size);
    height: var(--_size);
    margin: calc(0.19 * var(--_size));
    border-radius: 50%;
  }
  /* A spread shadow is drawn outside of its box only: the gap between ring and button shows the card, whatever it is. */
  .ring::before {
    content: '';
    position: absolute;
    inset: calc(-1 * var(--_gap));
    border-radius: 50%;
    pointer-events: none;
    box-shadow:
      0 0 0 calc(var(--_thin) + var(--_alive) * var(--level, 0)) var(--_ring),
      0 0 0 calc(var(--_thin) + 1.7 * var(--_alive) * var(--level, 0)) color-mix(in srgb, var(--_ring) 28%, transparent);
    transition: opacity 160ms ease-out;
  }
  .mark {
    --_stroke: 2.4;
    position: absolute;
    inset: calc(-1 * var(--_gap) - var(--_thin));
    pointer-events: none;
    fill: none;
    stroke: var(--_ring);
    stroke-width: var(--_stroke);
    stroke-linecap: round;
    overflow: visible;
    opacity: 0;
    transform: rotate(-90deg);
  }
  .round {
    position: relative;
    width: 100%;
    height: 100%;
    border-radius: 50%;
    display: grid;
    place-items: center;
    background: var(--_soft);
    color: var(--_primary);
    touch-action: none;
    user-select: none;
    -webkit-user-select: none;
    -webkit-touch-callout: none;
    transition:
      background-color 160ms ease-out,
      color 160ms ease-out,
      box-shadow 160ms ease-out,
      transform 160ms ease-out;
  }
  /* What may be touched is never smaller than 48 px. */
  .round::after {
    content: '';
    position: absolute;
    inset: min(0px, (var(--_size) - 48px) / 2);
    border-radius: 50%;
  }
  .round .icon {
    width: calc(0.4 * var(--_size));
    height: calc(0.4 * var(--_size));
    min-width: 20px;
    min-height: 20px;
    stroke-width: 1.6;
    pointer-events: none;
  }
  .round:active:not(:disabled) {
    transform: scale(0.97);
  }
  @media (hover: hover) {
    .round:hover:not(:disabled) {
      background: color-mix(in srgb, var(--_primary) 16%, transparent);
    }
  }

  /* Opening: dashes that turn. */
  :host([data-state='opening']) .ring::before,
  :host([data-state='closing']) .ring::before,
  :host([data-state='trouble']) .ring::before,
  :host([data-countdown]) .ring::before {
    opacity: 0;
  }
  :host([data-state='opening']) .mark {
    opacity: 1;
    stroke-dasharray: 12 8;
    animation: turn 1.6s linear infinite;
  }
  :host([data-state='opening']) .round {
    background: none;
  }

  /* On air: filled; nothing else is. */
  :host([data-state='onAir']) .ring,
  :host([data-state='closing']) .ring {
    --_ring: var(--_on-air);
  }
  :host([data-state='onAir']) .round,
  :host([data-state='onAir']) .round:hover:not(:disabled) {
    background: var(--_on-air);
    color: #ffffff;
  }
  /* The last seconds: the ring empties. */
  :host([data-countdown]) .mark {
    --_stroke: 5;
    opacity: 1;
    stroke-dasharray: calc(100px * var(--left)) 200px;
    stroke-linecap: butt;
    transition: stroke-dasharray 500ms linear;
  }

  /* Closing: hollow, without a ring. */
  :host([data-state='closing']) .round,
  :host([data-state='closing']) .round:hover:not(:disabled) {
    background: none;
    color: var(--_on-air-text);
    box-shadow: inset 0 0 0 max(3px, 0.03 * var(--_size)) var(--_on-air);
  }

  /* Trouble: dots. Offline: the ring is open, and nothing has a colour. */
  :host([data-state='trouble']) .ring {
    --_ring: var(--_quiet);
  }
  :host([data-state='trouble']) .mark {
    opacity: 1;
    stroke-dasharray: 0.01 4.99;
  }
  :host([data-state='trouble']) .round {
    color: var(--_text);
    background: color-mix(in srgb, var(--_text) 7%, transparent);
  }
  :host([data-offline]) .mark {
    stroke-dasharray: 75 25;
    transform: none;
  }
  :host([data-offline]) .round {
    color: var(--_quiet);
    background: none;
  }

  @container voice-card (max-width: 279px) {
    .mark {
      --_stroke: 5;
    }
  }
  @container voice-card (max-height: 119px) {
    .mark {
      --_stroke: 5;
    }
  }
  @keyframes turn {
    to {
      transform: rotate(270deg);
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
