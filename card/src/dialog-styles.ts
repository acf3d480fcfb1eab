/** The dialog behind the quiet icon. */
import { css } from 'lit';

export const dialogStyles = css`
  .dialog {
    box-sizing: border-box;
    width: min(400px, 100vw - 32px);
    max-height: min(640px, 100dvh - 32px);
    padding: 0;
    overflow: hidden auto;
    color: var(--_text);
    /* Themes with see-through cards: a dialog needs a ground. */
    background: linear-gradient(var(--_surface) 0 0), var(--primary-background-color, var(--_surface));
    border: var(--ha-card-border-width, 1px) solid var(--ha-card-border-color, var(--_line));
    border-radius: max(var(--_radius), 16px);
    box-shadow: 0 8px 32px rgb(0 0 0 / 24%);
    font-size: 14px;
    line-height: 20px;
  }
  .dialog::backdrop {
    background: rgb(0 0 0 / 40%);
  }
  .dialog header {
    position: sticky;
    z-index: 1;
    top: 0;
    display: flex;
    align-items: center;
    padding: 8px 8px 0;
    background: inherit;
  }
  .dialog h2 {
    flex: 1;
    min-width: 0;
    margin: 0;
    padding-inline-start: 16px;
    overflow-wrap: anywhere;
    outline: none;
    font-size: 24px;
    line-height: 32px;
    font-weight: var(--_bold);
  }
  .quiet + h2 {
    padding-inline-start: 4px;
    font-size: 20px;
  }
  .icon:dir(rtl):is(.forth > *, [data-action='back'] > *) {
    transform: scaleX(-1);
  }
  .forth {
    flex: none;
    color: var(--_quiet);
  }
  .quiet {
    flex: none;
    width: 48px;
    height: 48px;
    display: grid;
    place-items: center;
    border-radius: 50%;
    color: var(--_quiet);
  }
  .body {
    padding: 8px 16px 16px;
  }
  .body .row {
    min-height: 56px;
  }
  .body > * + .list {
    margin-top: 8px;
    padding-top: 8px;
    border-top: 1px solid var(--_line);
  }
  .trouble {
    margin: 0 8px 16px;
    overflow-wrap: anywhere;
  }
  .trouble p {
    margin: 0 0 8px;
  }
  .trouble a {
    color: var(--_primary);
  }
  .plain {
    min-height: 48px;
    padding-inline: 16px;
    border: 1px solid color-mix(in srgb, var(--_text) 48%, transparent);
    border-radius: 24px;
    font-weight: var(--_bold);
  }
  .empty + .plain {
    margin: 0 8px 8px;
  }
  .switch {
    flex: none;
    box-sizing: border-box;
    width: 40px;
    height: 24px;
    padding: 4px;
    border-radius: 12px;
    background: color-mix(in srgb, var(--_text) 32%, transparent);
    transition: background-color 160ms ease-out;
  }
  .switch::before {
    content: '';
    display: block;
    width: 16px;
    height: 16px;
    border-radius: 50%;
    background: #ffffff;
    transition: margin 160ms ease-out;
  }
  [aria-pressed='true'] > .switch {
    background: var(--_primary);
  }
  [aria-pressed='true'] > .switch::before {
    margin-inline-start: 16px;
  }
`;
