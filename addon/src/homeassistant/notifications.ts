/** Notifications: what only a person can do, told in Home Assistant's own list of notifications. */
import * as v from 'valibot';
import type { Core } from './core.ts';

export interface Notification {
  /** One notification of this name at a time. */
  id: string;
  title: string;
  /** Markdown. */
  message: string;
}

export const RESTART_ID = 'voice_streaming_restart';
export const YAML_ID = 'voice_streaming_yaml';
export const CERTIFICATE_ID = 'voice_streaming_certificate';

export const restartNeeded: Notification = {
  id: RESTART_ID,
  title: 'Voice Streaming: restart Home Assistant once',
  message:
    'The card is installed, but Home Assistant serves the folder `www`, which is new, only after its next start. ' +
    'Restart Home Assistant once: [Settings > System](/config/system), power button at the top, "Restart Home Assistant". ' +
    'Then reload your dashboard.',
};

/** `why` is a whole sentence. */
export function certificateTrouble(why: string): Notification {
  return {
    id: CERTIFICATE_ID,
    title: 'Voice Streaming: the certificate of its page',
    message: `${why} Dashboards are not concerned: they come through Home Assistant.`,
  };
}

/** `url` is what the list must hold. */
export function yamlNeeded(url: string): Notification {
  return {
    id: YAML_ID,
    title: 'Voice Streaming: one entry for your YAML',
    message:
      'Your dashboards load their resources from YAML, which only you can change. Put this into `configuration.yaml`, ' +
      'in place of an older entry of the card if there is one, then call the action `lovelace.reload_resources` and reload your ' +
      `dashboard:\n\n\`\`\`yaml\nlovelace:\n  resource_mode: yaml\n  resources:\n    - url: ${url}\n      type: module\n\`\`\``,
  };
}

export class Notifications {
  readonly #core: Pick<Core, 'request'>;

  constructor(core: Pick<Core, 'request'>) {
    this.#core = core;
  }

  /** Shows it, in place of an earlier one of its id. Rejects with CoreError. */
  async show({ id, title, message }: Notification): Promise<void> {
    await this.#call('create', { notification_id: id, title, message });
  }

  /** Dismissing one that is not there is fine. Rejects with CoreError. */
  async dismiss(id: string): Promise<void> {
    await this.#call('dismiss', { notification_id: id });
  }

  async #call(service: string, data: Record<string, string>): Promise<void> {
    const call = { type: 'call_service', domain: 'persistent_notification', service, service_data: data };
    await this.#core.request(call, v.unknown());
  }
}
