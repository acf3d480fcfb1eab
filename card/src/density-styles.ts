/** How the one layout stands in each density; card-styles says when. */
import { css } from 'lit';

/** Words beside the ring and not below it. */
export const beside = css`
  .layout {
    grid-template: 'ring words' auto / auto minmax(0, 1fr);
    align-content: center;
    align-items: center;
    gap: 0 24px;
  }
  .titled {
    grid-template: 'ring title' 1fr 'ring words' 2fr / auto minmax(0, 1fr);
  }
  .signed {
    grid-template: 'ring words' 3fr 'ring sign' 2fr / auto minmax(0, 1fr);
  }
  .titled.signed {
    grid-template: 'ring title' 1fr 'ring words' auto 'ring sign' 1fr / auto minmax(0, 1fr);
  }
  .signed .words {
    align-self: end;
  }
  .speakers {
    justify-self: start;
    align-self: start;
  }
  .title {
    align-self: end;
    margin-bottom: 0;
    color: var(--_quiet);
  }
  .titled .words {
    align-self: start;
  }
  .words {
    box-sizing: border-box;
    min-height: 0;
    padding-inline-end: 40px;
    text-align: start;
  }
  .headline {
    justify-content: start;
  }
  .hint {
    margin-inline: 0;
  }
  .talkers {
    position: static;
    justify-content: start;
  }
`;

/** Read from 4 m away. */
export const wall = css`
  .layout {
    --_large: clamp(48px, 6.5cqi, 88px);
    --_small: 24px;
    gap: 0 5cqi;
    padding: 32px 4cqi;
    min-height: min(36cqi, 400px);
  }
  .ring {
    --_size: clamp(176px, 25cqi, 320px);
  }
  .title,
  .hint,
  .speakers {
    font-size: var(--_small);
    line-height: 32px;
  }
  .speakers {
    min-height: 48px;
    border-radius: 24px;
  }
  .hint {
    margin-top: 16px;
  }
  .menu .icon {
    width: 24px;
    height: 24px;
  }
  .headline {
    line-height: 1.12;
  }
  .talkers.talkers {
    grid-template-columns: minmax(0, 1fr);
  }
  .talkers .row {
    min-height: 80px;
    gap: 24px;
    font-size: max(48px, 5cqi);
    line-height: 1.2;
  }
  .talkers .avatar {
    --_avatar: 56px;
    font-size: 24px;
  }
  .tap {
    min-height: 80px;
    padding: 0 40px;
    border-radius: 40px;
    font-size: 32px;
    line-height: 1.25;
  }
  ha-card {
    outline-width: 4px;
    outline-offset: -4px;
  }
`;

/** The dashboard gave two to four rows of its grid. */
export const low = css`
  .layout {
    --_large: var(--ha-font-size-2xl, 24px);
    --_small: var(--ha-font-size-m, 14px);
    min-height: 0;
    padding: 8px 16px;
  }
  .ring {
    --_size: clamp(64px, 100cqh - 88px, 128px);
  }
  .headline {
    line-height: 32px;
  }
  .hint {
    margin-top: 0;
    line-height: 20px;
  }
`;

/** Everything beside everything: of the speakers there is room for their number only. */
const inLine = css`
  .layout.layout {
    grid-template: 'ring words sign menu' auto / auto minmax(0, 1fr) auto auto;
    align-items: center;
  }
  .title {
    display: none;
  }
  .words.words {
    align-self: center;
    min-height: 0;
    padding: 0;
    text-align: start;
  }
  .speakers {
    z-index: 2;
    align-self: center;
    justify-content: center;
    gap: 0;
    min-width: 48px;
    min-height: 48px;
    margin: 0;
    padding: 0;
    background: none;
  }
  .speakers::after {
    inset: 0;
  }
  .speakers span {
    position: absolute;
    width: 1px;
    height: 1px;
    clip-path: inset(50%);
  }
  .speakers .count {
    display: block;
    position: static;
    width: auto;
    height: auto;
    clip-path: none;
  }
  .menu {
    grid-area: menu;
    position: static;
  }
`;

/** Two rows, or three of a narrow column. */
export const twoRows = css`
  ${inLine}
  .layout.layout {
    --_large: var(--ha-font-size-l, 16px);
    gap: 0 8px;
    padding-block: 4px;
    padding-inline: 12px 4px;
  }
  .layout.signed {
    grid-template: 'ring words menu' 1fr 'ring words sign' 1fr / auto minmax(0, 1fr) auto;
  }
  .ring {
    --_size: 64px;
  }
  .headline {
    flex-wrap: wrap;
    min-height: 0;
    line-height: 20px;
  }
  :host([data-state='onAir']) .sign {
    padding: 0 4px;
    letter-spacing: 0;
  }
  .hint {
    line-height: 17px;
  }
  .tap {
    padding: 4px 16px;
    line-height: 18px;
  }
  .tap .icon {
    display: none;
  }
`;

/** One row, as high as Home Assistant's own tiles. */
export const tile = css`
  ${inLine}
  .layout.layout {
    --_large: var(--ha-font-size-m, 14px);
    --_small: var(--ha-font-size-s, 12px);
    gap: 0;
    padding: 0;
    min-height: 54px;
  }
  .talkers {
    display: none;
  }
  .ring {
    --_size: 30px;
    --_alive: 4px;
    margin: 12px;
    margin-inline-end: 13px;
  }
  :host([data-state='onAir']) .sign {
    font-size: 12px;
    padding: 0 4px;
  }
  :host([data-talkers]) .status {
    position: static;
    width: auto;
    height: auto;
    clip-path: none;
  }
  .headline,
  .hint {
    display: block;
    margin: 0;
    max-width: none;
    min-height: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .headline {
    line-height: 20px;
  }
  .hint {
    font-size: var(--_small);
    line-height: 16px;
  }
  .time {
    margin-inline-start: 6px;
  }
  .tap {
    min-height: 32px;
    padding: 0 12px;
    font-size: var(--_small);
    white-space: nowrap;
  }
  .tap .icon {
    display: none;
  }
  .tap::after {
    content: '';
    position: absolute;
    inset: -8px 0;
  }
  .tap + .hint {
    display: none;
  }
`;
