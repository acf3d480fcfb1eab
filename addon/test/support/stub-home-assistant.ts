/**
 * A whole Home Assistant without Home Assistant: a stub Core and a stub Supervisor that know each other, and a config folder.
 *
 *   const house = await StubHomeAssistant.start();
 *   const server = await startServer({ ...house.env, PORT: '0', … });   // the add-on, as the Supervisor would start it
 *   house.supervisor.app.ingressPort = …;                       // where its ingress door listens
 *   const { page } = await openDashboard(browser, house.core.dashboardUrl(house.core.home.plainUser, { … }));
 *   await house.close();
 *
 * Browser -> Core's hop -> Supervisor's hop -> add-on are real connections, with what real ones lose.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StubCore } from './stub-core.ts';
import { FakeHome } from './stub-core-home.ts';
import { StubSupervisor, type SupervisorOptions } from './stub-supervisor.ts';

export interface HouseOptions extends SupervisorOptions {
  /** Whether `<config>/www` is there when Core starts; without it /local answers 404 until Core restarts. Default: true. */
  www?: boolean;
}

export class StubHomeAssistant {
  readonly core: StubCore;
  readonly supervisor: StubSupervisor;
  /** What the add-on has as `/homeassistant`. */
  readonly configDirectory: string;

  private constructor(core: StubCore, supervisor: StubSupervisor, configDirectory: string) {
    this.core = core;
    this.supervisor = supervisor;
    this.configDirectory = configDirectory;
  }

  static async start({ www = true, ...options }: HouseOptions = {}): Promise<StubHomeAssistant> {
    const configDirectory = await mkdtemp(join(tmpdir(), 'home-assistant-'));
    const wwwDirectory = join(configDirectory, 'www');
    if (www) await mkdir(wwwDirectory);
    const core = await StubCore.start({ www: wwwDirectory, home: new FakeHome() });
    const supervisor = await StubSupervisor.start(options);
    supervisor.core = core.link;
    core.home.supervisor = supervisor;
    return new StubHomeAssistant(core, supervisor, configDirectory);
  }

  /** What the add-on is started with: where its Supervisor and its `/homeassistant` are. */
  get env(): { SUPERVISOR_TOKEN: string; SUPERVISOR_URL: string; HOME_ASSISTANT_DIR: string } {
    const { appToken, url } = this.supervisor;
    return { SUPERVISOR_TOKEN: appToken, SUPERVISOR_URL: url, HOME_ASSISTANT_DIR: this.configDirectory };
  }

  async close(): Promise<void> {
    await this.core.close();
    await this.supervisor.close();
    await rm(this.configDirectory, { recursive: true, force: true });
  }
}
