/** Rows: those who speak now, and the list of voices in the dialog. */
import { css } from 'lit';

export const streamListStyles = css`
  ul {
    list-style: none;
    margin: 0;
    padding: 0;
  }
  .row {
    box-sizing: border-box;
    width: 100%;
    min-height: 48px;
    padding: 0 8px;
    border-radius: 8px;
    display: flex;
    align-items: center;
    gap: 12px;
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
    --_avatar: 32px;
    position: relative;
    flex: none;
    width: var(--_avatar);
    height: var(--_avatar);
    border-radius: 50%;
    box-shadow: 0 0 0 calc(0.14 * var(--_avatar) * var(--level, 0)) color-mix(in srgb, var(--_primary) 45%, transparent);
  }
  .disc {
    width: 100%;
    height: 100%;
    border-radius: 50%;
    display: grid;
    place-items: center;
    font-weight: var(--_bold);
    background: color-mix(in srgb, var(--_text) 8%, transparent);
    color: var(--_text);
  }
  .disc .icon {
    width: 62%;
    height: 62%;
  }
  [data-live] .disc {
    background: var(--_soft);
    box-shadow: inset 0 0 0 2px var(--_primary);
  }
  .words-of {
    flex: 1;
    min-width: 0;
  }
  .name,
  .note {
    display: block;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    unicode-bidi: plaintext;
    text-align: match-parent;
  }
  [data-live] .name,
  .row[aria-pressed='true'] .name {
    font-weight: var(--_bold);
  }
  .note,
  .empty {
    color: var(--_quiet);
  }
  .empty {
    margin: 8px;
    text-wrap: balance;
  }

  /* From two talkers on they are in the place of the words; those stay for whoever cannot see the rows. */
  .talkers {
    position: absolute;
    inset: 0;
    display: grid;
    grid-template-columns: minmax(0, max-content);
    place-content: start center;
  }
  .talkers.many {
    grid-template-columns: repeat(2, minmax(0, 1fr));
    justify-content: stretch;
  }
  .talkers .row {
    gap: 8px;
    padding: 0 4px;
  }
  .talkers li:not([data-live]) .row {
    color: var(--_quiet);
  }
  .talkers li:not([data-live]) .avatar {
    opacity: 0.5;
  }
  .talkers .row[aria-pressed='true'] .name {
    color: var(--_quiet);
    text-decoration: line-through;
  }
`;
