/** The page "Details" while it is open: facts of now, the self-test, and the report for a forum. */
import type { TemplateResult } from 'lit';
import { adoptStyles } from '../adopt-styles.ts';
import type { DetailsModel, OpenedPage, PageHost } from '../fetched-page.ts';
import type { PageTools } from '../page-tools.ts';
import { takeToken } from '../page-token.ts';
import type { DetailsFacts } from './facts.ts';
import { detailsPage } from './page.ts';
import { report } from './report.ts';
import { detailsStyles } from './styles.ts';
import { Watch } from './watch.ts';
import { loadWords, type Words } from './words.ts';

const COPIED_MS = 2_000;

export async function openDetails(host: PageHost, tools: PageTools): Promise<OpenedDetails> {
  return new OpenedDetails(host, tools, await loadWords(tools.language, tools.importBeside));
}

class OpenedDetails implements OpenedPage<DetailsModel> {
  readonly #host: PageHost;
  readonly #tools: PageTools;
  readonly #words: Words;
  #watch: Watch | null = null;
  #copied = false;
  #copiedTimer: ReturnType<typeof setTimeout> | undefined;
  /** The report, where the browser lets a page copy nothing by itself. */
  #text: string | null = null;

  constructor(host: PageHost, tools: PageTools, words: Words) {
    this.#host = host;
    this.#tools = tools;
    this.#words = words;
    adoptStyles(host.renderRoot, detailsStyles);
  }

  page(model: DetailsModel): TemplateResult {
    return detailsPage({
      facts: this.facts(model),
      words: this.#words,
      tools: this.#tools,
      copied: this.#copied,
      text: this.#text,
      measure: () => this.#watch?.echo.start(),
      copy: () => this.#copy(model),
    });
  }

  /** The card has another session now, or its first one. */
  update({ session }: DetailsModel): void {
    if (session === (this.#watch?.session ?? null)) return;
    this.#watch?.close();
    this.#watch = session && new Watch(session, this.#tools, () => this.#host.requestUpdate());
  }

  close(): void {
    this.#watch?.close();
    this.#watch = null;
    clearTimeout(this.#copiedTimer);
  }

  /** As it is now. */
  protected facts({ session, trouble }: DetailsModel): DetailsFacts {
    const watch = this.#watch;
    const own = session?.streams.find(({ id }) => id === session.streamId);
    return {
      signaling: session?.client.connection.state ?? 'closed',
      serverVersion: session?.client.serverVersion ?? null,
      trouble,
      receiving: watch?.receiving ?? null,
      sending: watch?.sending ?? null,
      signalingMs: watch?.signalingMs ?? null,
      outputMs: watch?.outputMs ?? null,
      onAir: session?.sender.state === 'onAir',
      heardBy: (own?.receivers ?? 0) + (own?.listeners ?? 0),
      hearing: session?.receiver.talkers.map(({ name }) => name) ?? [],
      echo: watch?.echo.state ?? { state: 'idle' },
    };
  }

  #copy(model: DetailsModel): void {
    const { config, session } = model;
    const text = report({
      facts: this.facts(model),
      config,
      surroundings: this.#watch?.surroundings ?? null,
      troubles: session?.troubles.entries ?? [],
      secrets: [config.token, session?.device.key, takeToken()],
    });
    // Only secure pages have a clipboard.
    const clipboard = (navigator as Partial<Pick<Navigator, 'clipboard'>>).clipboard;
    const written = clipboard ? clipboard.writeText(text) : Promise.reject(new Error('No clipboard.'));
    written.then(
      () => this.#setCopied(true),
      () => void this.#showText(text),
    );
  }

  /** Inside the dialog, as everything else is out of reach while it is open. */
  async #showText(text: string): Promise<void> {
    this.#text = text;
    this.#host.requestUpdate();
    await this.#host.updateComplete;
    this.#host.renderRoot.querySelector<HTMLTextAreaElement>('[data-field="report"]')?.select();
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way without a secure context
    this.#setCopied(document.execCommand('copy'));
  }

  #setCopied(copied: boolean): void {
    this.#copied = copied;
    clearTimeout(this.#copiedTimer);
    if (copied) this.#copiedTimer = setTimeout(() => this.#setCopied(false), COPIED_MS);
    this.#host.requestUpdate();
  }
}
