/** The page "Speakers in the house". */
import { css } from '../adopt-styles.ts';

export const speakersStyles = css`
  .chosen {
    flex: none;
    width: 24px;
    color: var(--_primary);
  }
  .house {
    padding: 0 8px;
  }
  .house p {
    margin: 8px 0;
    overflow-wrap: anywhere;
  }
  .house .list {
    margin-inline: -8px;
  }
  .house li {
    display: flex;
    align-items: center;
    gap: 8px;
  }
  .house li .row {
    flex: 1;
    min-width: 0;
    padding-block: 8px;
  }
  .house .note {
    white-space: normal;
    overflow-wrap: anywhere;
  }
  .house .away .name,
  .house .away .disc {
    opacity: 0.6;
  }
  .house .urgent {
    color: var(--_text);
    font-weight: var(--_bold);
  }
  .house li .plain {
    flex: none;
    min-width: 48px;
  }
  .house label {
    display: block;
    margin-top: 16px;
  }
  .house label > span {
    display: block;
    margin-bottom: 4px;
    font-weight: var(--_bold);
  }
`;
