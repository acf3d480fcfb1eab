/** The first page behind the quiet icon: what is wrong, in full; sound on or off, whom to hear, how loud. */
import { html, nothing, type TemplateResult } from 'lit';
import { icons } from './icons.ts';
import { say } from './texts.ts';
import { troubleText } from './trouble-text.ts';
import type { Trouble } from './trouble.ts';

export interface VoicesPageModel {
  /** Null where the card's own button is that switch, or where it hears nothing. */
  sound: { on: boolean; toggle: () => void } | null;
  /** Null in a card that only speaks. */
  list: TemplateResult | null;
  /** In full; a tile has room for its first words only. */
  trouble: Trouble | null;
}

export function voicesPage({ sound, list, trouble }: VoicesPageModel): TemplateResult {
  return html`${trouble ? troubleText(trouble) : nothing}
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
  ${list ?? nothing}`;
}
