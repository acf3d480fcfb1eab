/** A house with the real Home Assistant, our add-on as the Supervisor starts it, an administrator and a plain user. */
import { vi } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';
import { RealCore, type CoreUser, type RealCoreOptions } from './real-core.ts';

/** Of a dashboard that everybody sees, as an administrator makes it. */
export const DASHBOARD = 'our-house';

export interface Resource {
  id: string;
  type: string;
  url: string;
}

export class RealHouse {
  readonly core: RealCore;
  /** An administrator. */
  readonly ada: CoreUser;
  /** Somebody without rights. */
  readonly björn: CoreUser;
  readonly #servers: TestServer[] = [];

  private constructor(core: RealCore, ada: CoreUser, björn: CoreUser) {
    this.core = core;
    this.ada = ada;
    this.björn = björn;
  }

  /** The add-on does not run yet. */
  static async build(options: RealCoreOptions = {}): Promise<RealHouse> {
    const core = await RealCore.start(options);
    const ada = await core.onboard();
    const björn = await core.addUser(ada, 'Björn', 'bjorn');
    const dashboard = { type: 'lovelace/dashboards/create', mode: 'storage', url_path: DASHBOARD, title: 'Our house' };
    await core.ask(ada.tokens, { ...dashboard, show_in_sidebar: true, require_admin: false });
    return new RealHouse(core, ada, björn);
  }

  /** `http://supervisor` is where the add-on looks for it without being told. */
  async startAddon(env: Record<string, string> = {}): Promise<TestServer> {
    const { supervisor, configDirectory } = this.core;
    const house = { SUPERVISOR_TOKEN: supervisor.appToken, HOME_ASSISTANT_DIR: configDirectory };
    const server = await startServer({ ...house, ...env });
    this.#servers.push(server);
    return server;
  }

  resources(): Promise<Resource[]> {
    return this.core.ask<Resource[]>(this.björn.tokens, { type: 'lovelace/resources' });
  }

  /** Resolves when the add-on has registered its card. */
  async cardInstalled(): Promise<Resource> {
    return vi.waitFor(
      async () => {
        const [card] = await this.resources();
        if (!card) throw new Error('no resource is registered');
        return card;
      },
      { timeout: 10_000, interval: 50 },
    );
  }

  /** What the dashboard shows. */
  async show(cards: Record<string, unknown>[]): Promise<void> {
    const view = { title: 'Home', type: 'sections', sections: [{ type: 'grid', cards }] };
    await this.core.ask(this.ada.tokens, {
      type: 'lovelace/config/save',
      url_path: DASHBOARD,
      config: { views: [view] },
    });
  }

  /** The cards of the dashboard, as they are saved now. */
  async cards(): Promise<Record<string, unknown>[]> {
    const { views } = await this.core.ask<{
      views: { sections?: { cards?: Record<string, unknown>[] }[] }[];
    }>(this.ada.tokens, { type: 'lovelace/config', url_path: DASHBOARD });
    return views.flatMap((view) => (view.sections ?? []).flatMap((section) => section.cards ?? []));
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()));
    await this.core.close();
  }
}
