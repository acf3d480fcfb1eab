/** CertificateNotice: what only a person can mend about the certificate of the page, among Home Assistant's notifications. */
import type { Check } from '@voice-streaming/shared/protocol';
import type { Core } from './core.ts';
import { CERTIFICATE_ID, certificateTrouble, Notifications } from './notifications.ts';

export interface CertificateNoticeOptions {
  core: Pick<Core, 'request' | 'connected'>;
  /** Undefined: there is no certificate to look after. */
  check: () => Check | undefined;
}

export class CertificateNotice {
  readonly #options: CertificateNoticeOptions;
  readonly #notifications: Notifications;
  /** What is shown, null for nothing; undefined: not known, as Core is another one. */
  #shown: string | null | undefined;

  constructor(options: CertificateNoticeOptions) {
    this.#options = options;
    this.#notifications = new Notifications(options.core);
  }

  /** Core has started anew: its notifications are gone. */
  coreReturned(): void {
    this.#shown = undefined;
  }

  /** Shows, changes or takes back. Never rejects: what fails is tried at the next look. */
  async refresh(): Promise<void> {
    const { core, check } = this.#options;
    const state = check();
    if (!core.connected || state === undefined) return;
    const wanted = state.state === 'warning' || state.state === 'failed' ? (state.why ?? '') : null;
    if (wanted === this.#shown) return;
    try {
      if (wanted === null) await this.#notifications.dismiss(CERTIFICATE_ID);
      else await this.#notifications.show(certificateTrouble(wanted));
      this.#shown = wanted;
    } catch {
      // Core went away.
    }
  }
}
