/** The list of voices. Colours come from card-styles. */
import { css } from 'lit';

export const streamListStyles = css`
  .voices {
    grid-area: voices;
    margin-top: 16px;
    padding-top: 8px;
    border-top: 1px solid var(--_line);
  }
  .list {
    list-style: none;
    margin: 0;
    padding: 0;
  }
  .row {
    box-sizing: border-box;
    width: 100%;
    min-height: 56px;
    padding: 4px 8px;
    border-radius: 12px;
    display: flex;
    align-items: center;
    gap: 16px;
    text-align: start;
    transition: background-color 160ms ease-out;
  }
  @media (hover: hover) {
    button.row:hover {
      background: color-mix(in srgb, var(--_text) 5%, transparent);
    }
  }
  button.row:focus-visible {
    outline-offset: -3px;
  }
  .avatar {
    position: relative;
    flex: none;
    width: 32px;
    height: 32px;
    margin: 4px;
    isolation: isolate;
  }
  .avatar::before {
    content: '';
    position: absolute;
    z-index: -1;
    inset: 0;
    border-radius: 50%;
    background: var(--_primary);
    opacity: 0.35;
    transform: scale(calc(1 + 0.4 * var(--level, 0)));
  }
  .disc {
    width: 100%;
    height: 100%;
    border-radius: 50%;
    display: grid;
    place-items: center;
    font-weight: 600;
    background: color-mix(in srgb, var(--_text) 8%, var(--_surface));
    color: var(--_quiet);
  }
  .disc .icon {
    width: 20px;
    height: 20px;
  }
  [data-live] .disc {
    background: color-mix(in srgb, var(--_primary) 20%, var(--_surface));
    color: var(--_text);
    box-shadow: 0 0 0 2px var(--_primary);
  }
  .own[data-live] .disc {
    background: color-mix(in srgb, var(--_on-air) 20%, var(--_surface));
    box-shadow: 0 0 0 2px var(--_on-air);
  }
  .own .avatar::before {
    background: var(--_on-air);
  }
  .words {
    flex: 1;
    min-width: 0;
    line-height: 20px;
  }
  .name,
  .note {
    display: block;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  [data-live] .name,
  .row[aria-pressed='true'] .name {
    font-weight: 600;
  }
  .note,
  .empty {
    color: var(--_quiet);
  }
  .empty {
    margin: 8px;
    text-wrap: balance;
  }
  .chosen {
    flex: none;
    width: 24px;
    color: var(--_primary);
  }
`;
