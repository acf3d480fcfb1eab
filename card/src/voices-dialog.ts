/** What is behind the quiet icon: sound on or off, whom to hear, how loud. A dialog, so that nothing on the dashboard moves. */
import { html, nothing, type TemplateResult } from 'lit';
import { icons } from './icons.ts';
import { streamList, type StreamListModel } from './stream-list.ts';
import { say, sayTrouble } from './texts.ts';
import type { Trouble } from './trouble.ts';

export interface VoicesDialogModel {
  /** Null where the card's own button is that switch, or where it hears nothing. */
  sound: { on: boolean; toggle: () => void } | null;
  /** Null in a card that only speaks. */
  list: StreamListModel | null;
  /** In full; a tile has room for its first words only. */
  trouble: Trouble | null;
  closed: () => void;
}

export function voicesDialog({ sound, list, trouble, closed }: VoicesDialogModel): TemplateResult {
  return html`<dialog
    class="dialog"
    part="dialog"
    aria-labelledby="dialog-title"
    @close=${closed}
    @pointerdown=${closeOnBackdrop}
  >
    <header>
      <h2 id="dialog-title">${say('list.label')}</h2>
      <button type="button" class="quiet" data-action="close" aria-label=${say('menu.close')} @click=${close}>
        ${icons.close}
      </button>
    </header>
    <div class="body">
      ${trouble ? troubleText(trouble) : nothing}
      ${
        sound
          ? html`<button type="button" class="row" data-action="listen" aria-pressed=${sound.on} @click=${sound.toggle}>
              <span class="avatar"><span class="disc">${sound.on ? icons.sound : icons.soundOff}</span></span>
              <span class="words-of"
                ><span class="name">${say('menu.sound')}</span
                ><span class="note">${sound.on ? say('listen.on') : say('listen.off')}</span></span
              >
              <span class="switch" aria-hidden="true"></span>
            </button>`
          : nothing
      }
      ${list ? streamList(list) : nothing}
    </div>
  </dialog>`;
}

function troubleText(trouble: Trouble): TemplateResult {
  const { what, next } = sayTrouble(trouble);
  return html`<p class="trouble"><strong>${what}</strong> ${next}</p>`;
}

function close(event: Event): void {
  (event.currentTarget as HTMLElement).closest('dialog')?.close();
}

function closeOnBackdrop(event: PointerEvent): void {
  // Its content fills the dialog: only the backdrop is the dialog itself.
  if (event.target === event.currentTarget) (event.currentTarget as HTMLDialogElement).close();
}
