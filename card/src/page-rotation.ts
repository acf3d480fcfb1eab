/** The question before new keys are made: which URLs die. */
import { html, type TemplateResult } from 'lit';
import type { MediaUrls } from '@voice-streaming/shared/protocol';
import { sayPage } from './page-texts.ts';

export interface Rotation {
  /** Undefined: all. */
  id: string | undefined;
  /** What opens now and will not; of all, those that are known here. */
  dead: readonly MediaUrls[];
}

export interface RotationDialogModel {
  nameOf: (id: string) => string;
  confirm: () => void;
  close: () => void;
}

export function rotationDialog({ id, dead }: Rotation, model: RotationDialogModel): TemplateResult {
  return html`<dialog class="panel" aria-labelledby="rotate-title" @close=${model.close}>
    <h2 id="rotate-title">${sayPage('rotate.title')}</h2>
    <ul class="dead">
      ${dead.map(
        (entry) =>
          html`<li data-dead=${entry.id}>
            ${model.nameOf(entry.id)}<br /><code>${entry.mp3Url}</code><br /><code>${entry.wavUrl}</code>
          </li>`,
      )}
    </ul>
    <p>${sayPage(id === undefined ? 'rotate.dead.all' : 'rotate.dead')}</p>
    <div class="choice">
      <button type="button" data-action="keepKeys" @click=${model.close}>${sayPage('rotate.no')}</button>
      <button type="button" data-action="rotate" @click=${model.confirm}>${sayPage('rotate.yes')}</button>
    </div>
  </dialog>`;
}
