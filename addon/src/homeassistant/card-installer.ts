/**
 * CardInstaller: sees to it that the card is simply there: its files in `www`, its entry among the dashboards' resources,
 * and a notification for what only a person can do. Asked as often as one likes; what is as it should be is left alone.
 */
import type { Log } from '../log.ts';
import { cardUrl, registerCard } from './card-resource.ts';
import { Complaint } from './complaint.ts';
import { CoreError, type Core } from './core.ts';
import type { DoctorFacts } from './doctor.ts';
import { Notifications, RESTART_ID, restartNeeded, YAML_ID, yamlNeeded } from './notifications.ts';
import { isCardServed, type Served } from './served-card.ts';
import type { Supervisor } from './supervisor.ts';
import type { Copied } from './www-folder.ts';

export interface CardInstallerOptions {
  log: Log;
  core: Pick<Core, 'request' | 'connected'>;
  supervisor: Pick<Supervisor, 'coreInfo'>;
  www: { copy(): Promise<Copied> };
  /** Of the add-on, which is the card's too. */
  version: string;
}

export class CardInstaller {
  files: DoctorFacts['files'] = { state: 'waiting' };
  served: DoctorFacts['served'] = { state: 'unknown' };
  resource: DoctorFacts['resource'] = { state: 'waiting' };
  readonly #options: CardInstallerOptions;
  readonly #log: Log;
  readonly #filesComplaint: Complaint;
  readonly #resourceComplaint: Complaint;
  readonly #notifications: Notifications;
  /** Shown or dismissed by us since Core was last connected; undefined: not yet known. */
  readonly #shown = new Map<string, string | undefined>();
  #madeWww = false;
  #running: Promise<void> | undefined;

  constructor(options: CardInstallerOptions) {
    this.#options = options;
    this.#log = options.log.child('card');
    this.#filesComplaint = new Complaint(this.#log);
    this.#resourceComplaint = new Complaint(this.#log);
    this.#notifications = new Notifications(options.core);
  }

  /** Core has started anew, or may have: its notifications are gone, and a new `www` is served by now. */
  coreReturned(): void {
    this.#madeWww = false;
    this.#shown.clear();
  }

  /** One at a time; never rejects. */
  install(slug: string): Promise<void> {
    this.#running ??= this.#install(slug).finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #install(slug: string): Promise<void> {
    if (!(await this.#copy()) || !this.#options.core.connected) return;
    try {
      await this.#register(cardUrl(this.#options.version, slug));
      await this.#checkServed();
    } catch (error) {
      // Core went away: it is asked again when it is back.
      if (error instanceof CoreError && error.code === 'away') return;
      const why = `The card could not be added to the dashboards: ${messageOf(error)}`;
      this.resource = { state: 'failed', why };
      this.#resourceComplaint.say(why);
    }
  }

  async #copy(): Promise<boolean> {
    try {
      const { madeWww, changed } = await this.#options.www.copy();
      this.#madeWww ||= madeWww;
      if (changed.length > 0) this.#log.info(`put ${changed.join(', ')} into www`);
      this.#filesComplaint.settle("the card's files are in www now");
      this.files = { state: 'copied' };
      return true;
    } catch (error) {
      const why = messageOf(error);
      this.files = { state: 'failed', why };
      this.#filesComplaint.say(`${why} Speaking and hearing work on without the card.`);
      return false;
    }
  }

  async #register(url: string): Promise<void> {
    const registration = await registerCard(this.#options.core, url);
    if (registration.kind === 'registered') {
      this.resource = { state: 'registered' };
      if (registration.changed) this.#log.info('the card is registered: reload open dashboards to load it');
      this.#resourceComplaint.settle('the card is registered now');
      await this.#dismiss(YAML_ID);
      return;
    }
    const why = `Dashboards load their resources from YAML, so add there: url: ${url}, type: module.`;
    this.resource = { state: 'yaml', why };
    this.#resourceComplaint.say(why);
    if (this.#shown.get(YAML_ID) === url) return;
    await this.#notifications.show(yamlNeeded(url));
    this.#shown.set(YAML_ID, url);
  }

  async #checkServed(): Promise<void> {
    const served = await this.#isServed();
    if (served === 'served') {
      this.#madeWww = false;
      this.served = { state: 'served' };
      await this.#dismiss(RESTART_ID);
    } else if (served === 'missing' || this.#madeWww) {
      const why = 'Restart Home Assistant once: it serves the new folder www only after its next start.';
      this.served = { state: 'restart_needed', why };
      if (this.#shown.get(RESTART_ID) !== undefined) return;
      this.#log.warn(why);
      await this.#notifications.show(restartNeeded);
      this.#shown.set(RESTART_ID, 'shown');
    } else {
      this.served = { state: 'unknown' };
    }
  }

  async #isServed(): Promise<Served> {
    try {
      return await isCardServed(await this.#options.supervisor.coreInfo());
    } catch (error) {
      this.#log.debug(`whether the card is served is not known: ${messageOf(error)}`);
      return 'unknown';
    }
  }

  /** Once is enough: an earlier run of ours may have left it. */
  async #dismiss(id: string): Promise<void> {
    if (this.#shown.has(id) && this.#shown.get(id) === undefined) return;
    await this.#notifications.dismiss(id);
    this.#shown.set(id, undefined);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
