/**
 * The frame of what is behind the quiet icon: a dialog, so that nothing on the dashboard moves. Its first page ends with
 * rows that lead to the others.
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { CardMenu, MenuPage } from './card-menu.ts';
import { icons } from './icons.ts';
import { say } from './texts.ts';

export interface MenuPageModel {
  id: MenuPage;
  title: string;
  icon: TemplateResult;
  content: () => TemplateResult;
}

/** `pages`: those that this card has; the first of them is always there. */
export function menuDialog(menu: CardMenu, pages: readonly MenuPageModel[]): TemplateResult | typeof nothing {
  const [first, ...others] = pages;
  if (menu.page === null || !first) return nothing;
  const page = others.find(({ id }) => id === menu.page) ?? first;
  return html`<dialog
    class="dialog"
    part="dialog"
    aria-labelledby="dialog-title"
    data-page-open=${page.id}
    @close=${() => menu.closed()}
    @pointerdown=${closeOnBackdrop}
  >
    <header>
      ${
        page === first
          ? nothing
          : html`<button
              type="button"
              class="quiet"
              data-action="back"
              aria-label=${say('menu.back')}
              @click=${() => menu.back()}
            >
              ${icons.back}
            </button>`
      }
      <h2 id="dialog-title" tabindex="-1">${page.title}</h2>
      <button type="button" class="quiet" data-action="close" aria-label=${say('menu.close')} @click=${close}>
        ${icons.close}
      </button>
    </header>
    <div class="body">
      ${page.content()}
      ${
        page === first && others.length > 0
          ? html`<ul class="list" aria-label=${say('menu.more')}>
              ${others.map((other) => pageRow(other, menu))}
            </ul>`
          : nothing
      }
    </div>
  </dialog>`;
}

function pageRow({ id, title, icon }: MenuPageModel, menu: CardMenu): TemplateResult {
  return html`<li>
    <button type="button" class="row lead" data-page=${id} @click=${() => menu.open(id)}>
      <span class="avatar"><span class="disc">${icon}</span></span>
      <span class="words-of"><span class="name">${title}</span></span>
      <span class="forth">${icons.forth}</span>
    </button>
  </li>`;
}

function close(event: Event): void {
  (event.currentTarget as HTMLElement).closest('dialog')?.close();
}

function closeOnBackdrop(event: PointerEvent): void {
  // Its content fills the dialog: only the backdrop is the dialog itself.
  if (event.target === event.currentTarget) (event.currentTarget as HTMLDialogElement).close();
}
