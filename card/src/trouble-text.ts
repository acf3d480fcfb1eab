/** A trouble in full, as the dialog has room for it. */
import { html, type TemplateResult } from 'lit';
import { sayTrouble } from './texts.ts';
import type { Trouble } from './trouble.ts';

export function troubleText(trouble: Trouble): TemplateResult {
  const { what, next } = sayTrouble(trouble);
  return html`<p class="trouble"><strong>${what}</strong> ${next}</p>`;
}
