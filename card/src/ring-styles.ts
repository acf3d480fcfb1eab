/** The ring and its button: one shape per state. Colours come from card-styles. */
import { css } from 'lit';

export const ringStyles = css`
  /* The ring: a disc behind the button that grows with the voice; what shows of it is the thickness. */
  .ring {
    --_ring: var(--_primary);
    --_size: 128px;
    position: relative;
    width: var(--_size);
    height: var(--_size);
    border-radius: 50%;
    isolation: isolate;
  }
  .ring::before,
  .ring::after {
    content: '';
    position: absolute;
    z-index: -1;
    border-radius: 50%;
  }
  .ring::before {
    inset: -2px;
    background: var(--_ring);
    opacity: 0.22;
    transform: scale(calc(1 + 0.28 * var(--level, 0)));
  }
  .ring::after {
    inset: -2px;
    background: var(--_ring);
    transform: scale(calc(1 + 0.12 * var(--level, 0)));
  }
  .dash {
    position: absolute;
    pointer-events: none;
    inset: -10px;
    width: calc(100% + 20px);
    height: calc(100% + 20px);
    fill: none;
    stroke: var(--_ring);
    stroke-width: 3;
    stroke-linecap: round;
    opacity: 0;
  }
  .round {
    width: 100%;
    height: 100%;
    border-radius: 50%;
    display: grid;
    place-items: center;
    background: var(--_soft);
    color: var(--_primary);
    box-shadow: inset 0 0 0 2px var(--_surface);
    touch-action: none;
    user-select: none;
    -webkit-user-select: none;
    -webkit-touch-callout: none;
    transition:
      background-color 160ms ease-out,
      color 160ms ease-out,
      transform 160ms ease-out;
  }
  .round .icon {
    width: 48px;
    height: 48px;
    stroke-width: 1.6;
    pointer-events: none;
  }
  .round:active {
    transform: scale(0.97);
  }
  @media (hover: hover) {
    .round:hover:not(:disabled) {
      background: color-mix(in srgb, var(--_primary) 16%, var(--_surface));
    }
  }
  .round:disabled {
    color: var(--_quiet);
  }

  :host([data-state='opening']) .ring::after,
  :host([data-state='opening']) .ring::before,
  :host([data-state='closing']) .ring::before {
    opacity: 0;
  }
  :host([data-state='opening']) .dash {
    opacity: 1;
    stroke-dasharray: 22 15.7;
    animation: turn 1.6s linear infinite;
  }
  :host([data-state='onAir']) .ring,
  :host([data-state='closing']) .ring {
    --_ring: var(--_on-air);
  }
  :host([data-state='onAir']) .round,
  :host([data-state='onAir']) .round:hover:not(:disabled),
  :host([data-state='closing']) .round,
  :host([data-state='closing']) .round:hover:not(:disabled) {
    background: var(--_on-air);
    color: #ffffff;
    box-shadow: none;
  }
  :host([data-state='onAir']) .headline {
    letter-spacing: 0.04em;
    color: color-mix(in srgb, var(--_on-air) 80%, var(--_text));
  }
  :host([data-state='closing']) .round {
    opacity: 0.7;
  }
  :host([data-state='needsTap']) .ring::after {
    opacity: 0.5;
  }
  :host([data-state='trouble']) .ring::after {
    opacity: 0;
  }
  :host([data-state='trouble']) .dash {
    opacity: 0.9;
    stroke-width: 1.6;
    stroke-dasharray: 1 5;
    inset: 0;
    width: 100%;
    height: 100%;
  }
  .tap {
    display: inline-flex;
    align-items: center;
    gap: 8px;
    min-height: 48px;
    padding: 0 24px;
    border-radius: 24px;
    font-weight: 600;
    background: var(--_text);
    color: var(--_surface);
    animation: call 1.6s ease-in-out infinite;
  }
  @keyframes turn {
    to {
      transform: rotate(1turn);
    }
  }
  @keyframes call {
    50% {
      box-shadow: 0 0 0 8px color-mix(in srgb, var(--_text) 16%, transparent);
    }
  }
`;
