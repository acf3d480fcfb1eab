/** A house with the real Home Assistant, our add-on as the Supervisor starts it, an administrator and a plain user. */
import { once } from 'node:events';
import { vi } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';
import { SignalingClient } from '../support/signaling-client.ts';
import { openCore } from '../support/stub-core-link.ts';
import { RealCore, type CoreUser, type RealCoreOptions } from './real-core.ts';

/** Of a dashboard that everybody sees, as an administrator makes it. */
export const DASHBOARD = 'our-house';

/** Of a config flow. */
interface FlowStep {
  type: string;
  flow_id: string;
  step_id?: string;
  reason?: string;
}

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
    try {
      const ada = await core.onboard();
      const björn = await core.addUser(ada, 'Björn', 'bjorn');
      const dashboard = { mode: 'storage', url_path: DASHBOARD, title: 'Our house', require_admin: false };
      await core.ask(ada.tokens, { type: 'lovelace/dashboards/create', ...dashboard });
      return new RealHouse(core, ada, björn);
    } catch (error) {
      await core.close();
      throw error;
    }
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

  /** A command of the WebSocket API in Ada's name. */
  ask<T>(command: Record<string, unknown>): Promise<T> {
    return this.core.ask<T>(this.ada.tokens, command);
  }

  /** REST in Ada's name. */
  post<T>(path: string, body: unknown): Promise<T> {
    return this.core.post<T>(path, body, this.ada.tokens.access_token);
  }

  /** What is fired on Core's bus from now on, its data. */
  async listen(type: string): Promise<{ events: unknown[]; close(): Promise<void> }> {
    const socket = await openCore({ url: this.core.url, accessToken: this.ada.tokens.access_token, version: '' });
    const events: unknown[] = [];
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as { type: string; event?: { data: unknown } };
      if (message.type === 'event') events.push(message.event?.data);
    });
    const subscribed = once(socket, 'message');
    socket.send(JSON.stringify({ id: 1, type: 'subscribe_events', event_type: type }));
    await subscribed;
    return {
      events,
      close: async () => {
        const closed = once(socket, 'close');
        socket.close();
        await closed;
      },
    };
  }

  async delete(path: string): Promise<void> {
    const headers = { authorization: `Bearer ${this.ada.tokens.access_token}` };
    const answer = await fetch(this.core.url + path, { method: 'DELETE', headers });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  }

  async get<T>(path: string): Promise<T> {
    const headers = { authorization: `Bearer ${this.ada.tokens.access_token}` };
    return (await (await fetch(this.core.url + path, { headers })).json()) as T;
  }

  /**
   * Settings, devices and services, add integration: `answers` to its steps, one after the other, or by the step's id. What
   * Core has discovered by itself in the meantime is set up as that.
   */
  async addIntegration(
    handler: string,
    answers: Record<string, unknown>[] | Record<string, Record<string, unknown>>,
  ): Promise<void> {
    const path = '/api/config/config_entries/flow';
    let step = await this.post<FlowStep>(path, { handler });
    for (let asked = 0; step.type !== 'create_entry'; asked += 1) {
      const answer = Array.isArray(answers) ? answers[asked] : answers[step.step_id ?? ''];
      if (!answer || asked > 9) throw new Error(`${handler} was not set up: ${JSON.stringify(step)}`);
      step = await this.post(`${path}/${step.flow_id}`, answer);
      if (step.reason !== 'already_in_progress') continue;
      const flows = await this.ask<(FlowStep & { handler: string })[]>({ type: 'config_entries/flow/progress' });
      const discovered = flows.find((flow) => flow.handler === handler);
      if (discovered) step = await this.post(`${path}/${discovered.flow_id}`, {});
    }
  }

  /** The add-on's WebSocket through Core's ingress, as the card opens it. Waits until the add-on listens. */
  async dial(user: CoreUser): Promise<SignalingClient> {
    const { slug, ingressToken } = this.core.supervisor.app;
    const session = { type: 'supervisor/ingress/session', slug };
    const cookie = `ingress_session=${(await this.core.ask<{ session: string }>(user.tokens, session)).session}`;
    const entry = `${this.core.url}/api/hassio_ingress/${ingressToken}`;
    const health = async (): Promise<number> => (await fetch(`${entry}/health`, { headers: { cookie } })).status;
    await vi.waitUntil(async () => (await health()) === 200, { timeout: 10_000, interval: 50 });
    return SignalingClient.open(`${entry.replace('http', 'ws')}/ws`, { headers: { cookie } });
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
    try {
      await Promise.all(this.#servers.map((server) => server.stop()));
    } finally {
      await this.core.close();
    }
  }
}
