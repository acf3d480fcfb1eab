/** What the page has beyond card and URLs: new keys, and the doctor. */
import { css } from 'lit';

export const panelStyles = css`
  .heading {
    display: flex;
    align-items: end;
    justify-content: space-between;
    gap: 12px;
    margin-top: 8px;
  }
  button.small {
    min-height: 40px;
    padding: 0 12px;
    font-weight: inherit;
    color: var(--_quiet);
  }
  .below {
    margin-top: 16px;
  }
  .panel [role='status']:empty {
    display: none;
  }
  dialog.panel {
    box-sizing: border-box;
    width: min(560px, calc(100vw - 32px));
    max-height: calc(100dvh - 32px);
    overflow: auto;
    color: inherit;
  }
  dialog::backdrop {
    background: rgb(0 0 0 / 50%);
  }
  .dead {
    margin: 16px 0;
    padding: 0;
    list-style: none;
    display: grid;
    gap: 8px;
  }
  code {
    overflow-wrap: anywhere;
    font-family: ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, monospace;
    color: var(--_quiet);
  }
  .choice {
    display: flex;
    flex-wrap: wrap;
    justify-content: end;
    gap: 8px;
    margin-top: 16px;
  }
  [data-action='rotate'] {
    color: var(--_on-air-text);
  }
  .checks {
    margin: 8px 0 16px;
    padding: 0;
    list-style: none;
  }
  .checks li {
    display: grid;
    grid-template-columns: 20px minmax(0, 1fr) auto;
    gap: 4px 12px;
    padding: 12px 0;
    border-bottom: 1px solid var(--_line);
  }
  .checks .why {
    grid-column: 2 / -1;
    color: var(--_quiet);
    max-width: 64ch;
    overflow-wrap: anywhere;
  }
  .checks .word {
    font-weight: var(--_bold);
  }
  .checks :is([data-state='ok'], [data-state='off'], [data-state='waiting']) .word {
    font-weight: inherit;
    color: var(--_quiet);
  }
  .checks [data-state='failed'] :is(.mark-of, .word) {
    color: var(--_on-air-text);
  }
  textarea {
    box-sizing: border-box;
    width: 100%;
    margin-top: 8px;
    padding: 12px;
    font: inherit;
    color: var(--_text);
    background: var(--_surface);
    border: 1px solid var(--_line);
    border-radius: 12px;
  }
  [data-action='copyPageReport'],
  [data-action='downloadDiagnostics'] {
    margin-top: 12px;
  }
`;
