/** A trouble in full, as the dialog has room for it, with what can be done about it here. */
import { html, nothing, type TemplateResult } from 'lit';
import { reloadPage } from './reload.ts';
import { say, sayTrouble } from './texts.ts';
import { reloadHelps, type Trouble } from './trouble.ts';

export function troubleText(trouble: Trouble): TemplateResult {
  const { what, next, link } = sayTrouble(trouble);
  const [before = '', ...after] = link === undefined ? [next] : next.split(link);
  return html`<div class="trouble">
    <p>
      <strong>${what}</strong>
      ${before}${
        after.length > 0
          ? html`<a href=${link ?? nothing} target="_top" rel="noreferrer">${link}</a>${after.join(link)}`
          : nothing
      }
    </p>
    ${
      reloadHelps(trouble.code)
        ? html`<button type="button" class="plain" data-action="reload" @click=${() => void reloadPage()}>
            ${say('page.reload')}
          </button>`
        : nothing
    }
  </div>`;
}
