/** The page "Details": label, value, and a sentence below. Figures of one width, so that nothing moves with a value. */
import { css } from '../adopt-styles.ts';

export const detailsStyles = css`
  .details {
    padding: 0 8px;
    font-variant-numeric: tabular-nums;
  }
  .details h3 {
    margin: 24px 0 4px;
    font-size: 14px;
    font-weight: var(--_bold);
  }
  .details dl,
  .details dd,
  .details p {
    margin: 0;
  }
  .details dl > div {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 0 16px;
    padding: 6px 0;
    border-bottom: 1px solid var(--_line);
  }
  .details dd:not(.note) {
    text-align: end;
    overflow-wrap: anywhere;
  }
  .details dd.note {
    grid-column: 1 / -1;
  }
  .details .note {
    color: var(--_quiet);
    white-space: normal;
  }
  .summary dd:not(.note) {
    font-weight: var(--_bold);
  }
  .action {
    display: inline-flex;
    align-items: center;
    gap: 8px;
    min-height: 48px;
    margin: 8px 0;
    padding: 0 20px 0 16px;
    border-radius: 24px;
    color: var(--_primary);
    background: var(--_soft);
    font-weight: var(--_bold);
  }
  .action[aria-disabled='true'] {
    color: var(--_quiet);
  }
  .result {
    /* Three lines: what comes moves nothing. */
    min-height: 60px;
  }
  .details textarea {
    box-sizing: border-box;
    width: 100%;
    font: 12px / 16px monospace;
  }
`;
