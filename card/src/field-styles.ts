/** Choices and rows of buttons, on the pages that have some. */
import { css } from './adopt-styles.ts';

export const fieldStyles = css`
  select {
    box-sizing: border-box;
    width: 100%;
    min-height: 48px;
    padding-inline: 16px;
    border: 1px solid color-mix(in srgb, var(--_text) 48%, transparent);
    border-radius: 8px;
    font: inherit;
    color: inherit;
    /* Its list has a ground of its own. */
    background: var(--primary-background-color, var(--_surface));
    text-overflow: ellipsis;
  }
  .plain:is(:disabled, [aria-disabled='true']) {
    opacity: 0.5;
    cursor: default;
  }
  .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin: 8px 0;
  }
`;
