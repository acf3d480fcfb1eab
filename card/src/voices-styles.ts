/** The list of voices in the dialog. */
import { css } from './adopt-styles.ts';

export const voicesStyles = css`
  .chosen {
    flex: none;
    width: 24px;
    color: var(--_primary);
  }
  .body h3 {
    margin: 16px 8px 8px;
    font-size: 1em;
    font-weight: var(--_bold);
  }
  .own[data-live] .disc {
    box-shadow: inset 0 0 0 2px var(--_on-air);
  }
  .own .avatar {
    box-shadow: 0 0 0 calc(0.14 * var(--_avatar) * var(--level, 0)) color-mix(in srgb, var(--_on-air) 45%, transparent);
  }
  .forget {
    min-height: 48px;
    margin-inline-start: 44px;
    padding: 0 8px;
    border-radius: 8px;
    color: var(--_primary);
    font-weight: var(--_bold);
  }
  .volume {
    display: block;
    box-sizing: border-box;
    width: calc(100% - 60px);
    height: 24px;
    margin: -4px 8px 8px 52px;
    margin-inline: 52px 8px;
    accent-color: var(--_primary);
  }
`;
