/** What Home Assistant asks of a card beside showing it; it knows nothing of voices. */
import { LitElement } from 'lit';
import type { ConfigForm, editorForm } from './editor-form.ts';
import { homeAssistant, type Hass } from './home-assistant.ts';
import { importBeside, speak } from './language.ts';
import { isInPicker } from './picker.ts';
import { spoken } from './texts.ts';

export abstract class LovelaceCard extends LitElement {
  // Without decorators, which would come along for this one.
  static override properties = { preview: { type: Boolean } };
  /** Set by Home Assistant's editor. */
  declare preview: boolean;

  #inPicker = false;
  #language: string | undefined;
  #insideHomeAssistant = false;

  constructor() {
    super();
    this.preview = false;
  }

  static getStubConfig(): Record<string, unknown> {
    return { mode: 'intercom' };
  }

  /** Home Assistant awaits it; without one it offers its code editor. */
  static async getConfigForm(): Promise<ConfigForm | undefined> {
    try {
      const editor = (await importBeside('./editor.js')) as { editorForm: typeof editorForm };
      return await editor.editorForm(spoken.tag, importBeside);
    } catch {
      return undefined;
    }
  }

  abstract setConfig(config: unknown): void;

  /** Called by Home Assistant on every state change of the house, so it does next to nothing. */
  set hass(hass: Hass) {
    homeAssistant.hass = hass;
    const language = hass.locale?.language ?? hass.language;
    if (language !== this.#language) {
      this.#language = language;
      if (language !== undefined) void speak([language]);
    }
    if (this.#insideHomeAssistant) return;
    this.#insideHomeAssistant = true;
    this.requestUpdate();
  }

  protected get insideHomeAssistant(): boolean {
    return this.#insideHomeAssistant;
  }

  /** Only to be looked at, in an editor or a picker: no socket, no microphone. */
  protected get isLookedAt(): boolean {
    return this.preview || this.#inPicker;
  }

  /** In units of 50 px: for dashboards in columns. */
  getCardSize(): number {
    return 6;
  }

  /** In sections a column is about 30 px wide, a row 56 px and 8 px between. */
  getGridOptions(): Record<string, number | string> {
    return { columns: 12, rows: 'auto', min_columns: 3, min_rows: 1 };
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#inPicker = isInPicker(this);
    this.requestUpdate();
  }
}
