/**
 * HomeAssistant: our place in Home Assistant, put together. It begins after the relay and in the background: nothing waits
 * for it, and whatever it cannot do just now it tries again by and by.
 */
import { isIPv6 } from 'node:net';
import type { Check } from '@voice-streaming/shared/protocol';
import { closeAll, type Closeable } from '../closeable.ts';
import type { Log } from '../log.ts';
import type { Relay } from '../media/relay.ts';
import { Administrators } from './administrators.ts';
import { AnnounceEvents } from './announce-events.ts';
import { CardInstaller } from './card-installer.ts';
import { CertificateNotice } from './certificate-notice.ts';
import { Complaint } from './complaint.ts';
import { Core, type CoreOptions } from './core.ts';
import type { DoctorFacts } from './doctor.ts';
import { HostAddress } from './host-address.ts';
import { Ingress } from './ingress.ts';
import type { MqttSettings } from './mqtt-broker.ts';
import { Players } from './players.ts';
import type { CreateIngress, EventAnnouncer, MediaUrlBook } from './ports.ts';
import { retry, within } from './retry.ts';
import { Supervisor, type SelfInfo } from './supervisor.ts';
import { TalkEvents } from './talk-events.ts';
import { WwwFolder } from './www-folder.ts';

export interface HomeAssistantOptions extends Omit<CoreOptions, 'url' | 'token'> {
  supervisor: { url: string; token: string };
  relay: Relay;
  mediaUrls: MediaUrlBook;
  createIngress: CreateIngress;
  /** The add-on's own. */
  version: string;
  /** Where the card's bundle is: card/dist. */
  cardFolder: string;
  /** Home Assistant's configuration: `/homeassistant`. */
  homeAssistantFolder: string;
  announcedAddress: string | undefined;
  /** This machine's addresses, best first. */
  interfaces: () => readonly string[];
  /** For `facts`; MQTT has a life of its own, as it works without a Supervisor, too. */
  mqttFact?: () => DoctorFacts['mqtt'] | undefined;
  /** How the certificate of the page is; undefined: there is none. */
  certificateCheck?: () => Check | undefined;
  /** Between two looks whether all is as it should be. Default 5 min. */
  intervalMs?: number;
  /** The same while something is not. Default 30 s. */
  troubledIntervalMs?: number;
}

/** What the owner chose in the add-on's network settings; null: not at all. */
export interface ChosenPorts {
  main: number | null;
  media: number | null;
}

/** What a stop of the whole add-on waits for a look that is under way. */
const LAST_LOOK_MS = 1_000;

export class HomeAssistant implements Closeable {
  readonly administrators: Administrators;
  /** Those of the house, for voices to come out of. */
  readonly players: Players;
  readonly #options: HomeAssistantOptions;
  readonly #log: Log;
  readonly #closed = new AbortController();
  readonly #supervisor: Supervisor;
  readonly #core: Core;
  readonly #hostAddress: HostAddress;
  readonly #ingress: Ingress;
  readonly #card: CardInstaller;
  readonly #certificate: CertificateNotice;
  readonly #events: TalkEvents;
  #announcements: AnnounceEvents | undefined;
  readonly #complaint: Complaint;
  /** The first answer of the Supervisor. Rejects when closed before. */
  readonly #selfInfo: Promise<SelfInfo>;
  #connections = 0;
  #isAnswered = false;
  #looking: Promise<void> = Promise.resolve();
  #isPoked = false;
  /** Ends the pause between two looks. */
  #wake: () => void = () => undefined;

  /** Asks the Supervisor at once, as others wait for the ports; the rest begins with `start`. */
  constructor(options: HomeAssistantOptions) {
    const { supervisor, relay, mediaUrls, version } = options;
    this.#options = options;
    const log = (this.#log = options.log.child('home-assistant'));
    this.#complaint = new Complaint(log);
    this.#supervisor = new Supervisor(supervisor);
    const url = `${supervisor.url.replace(/^http/, 'ws')}/core/websocket`;
    this.#core = new Core({ ...options, log, url, token: supervisor.token });
    this.administrators = new Administrators({ core: this.#core, log });
    this.players = new Players({ ...options, log, core: this.#core });
    const { announcedAddress: announced, interfaces } = options;
    this.#hostAddress = new HostAddress({
      log,
      supervisor: this.#supervisor,
      core: this.#core,
      announced,
      interfaces,
    });
    this.#ingress = new Ingress({ log, create: options.createIngress, administrators: this.administrators });
    const www = new WwwFolder({ ...options, source: options.cardFolder });
    this.#card = new CardInstaller({ log, core: this.#core, supervisor: this.#supervisor, www, version });
    const check = options.certificateCheck ?? (() => undefined);
    this.#certificate = new CertificateNotice({ core: this.#core, check });
    this.#events = new TalkEvents({ log, core: this.#core, relay, mediaUrls });
    this.#selfInfo = retry(() => this.#supervisor.selfInfo(), {
      ...options,
      signal: this.#closed.signal,
      onFailure: (error) => this.#complaint.say(messageOf(error)),
    }).then((info) => this.#answered(info));
    this.#selfInfo.catch(() => undefined);
  }

  /** The address that media URLs name. */
  get hostAddress(): string {
    return this.#hostAddress.current.address;
  }

  get facts(): DoctorFacts {
    const why = this.#complaint.reason;
    const supervisor = why !== undefined ? 'failed' : this.#isAnswered ? 'answering' : 'waiting';
    return {
      supervisor: { state: supervisor, why },
      core: this.#core.connected ? { state: 'connected' } : { state: 'waiting', why: this.#core.trouble },
      ingress: this.#ingress.fact,
      files: this.#card.files,
      served: this.#card.served,
      resource: this.#card.resource,
      mqtt: this.#options.mqttFact?.() ?? { state: 'off' },
      host_address: this.#hostAddress.current,
    };
  }

  /** Undefined: the Supervisor did not say in time. */
  async ports(timeoutMs: number): Promise<ChosenPorts | undefined> {
    const info = await within(timeoutMs, this.#selfInfo);
    return info && portsOf(info);
  }

  /** Called when the Supervisor answers for the first time; never when that was before. */
  onPorts(callback: (ports: ChosenPorts) => void | Promise<void>): void {
    void this.#selfInfo.then(
      (info) => callback(portsOf(info)),
      () => undefined,
    );
  }

  /** The broker that the Supervisor knows; undefined when it knows none. */
  async mqttSettings(): Promise<MqttSettings | undefined> {
    const service = await this.#supervisor.mqttService();
    if (!service) return undefined;
    const host = isIPv6(service.host) ? `[${service.host}]` : service.host;
    return {
      url: `${service.ssl === true ? 'mqtts' : 'mqtt'}://${host}:${service.port}`,
      username: service.username ?? undefined,
      password: service.password ?? undefined,
      verifyCertificate: false,
    };
  }

  start(): void {
    this.#core.onConnected(() => {
      this.#connections += 1;
      if (this.#connections > 1) this.#card.coreReturned();
      this.#certificate.coreReturned();
      this.#lookSoon();
    });
    this.#core.start();
    this.#events.start();
    this.players.start();
    this.#looking = this.#look();
  }

  /** What automations ask for is played from now on. Once. */
  announceBy(announcer: EventAnnouncer): void {
    this.#announcements = new AnnounceEvents({ ...this.#options, log: this.#log, core: this.#core, announcer });
    this.#announcements.start();
  }

  stopAccepting(): void {
    this.#ingress.stopAccepting();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#wake();
    await this.#announcements?.close();
    const parts: Closeable[] = [this.#events, this.players, this.#core, this.#supervisor, this.#ingress];
    await closeAll(parts, (error) => this.#log.error('closing failed', error));
    // It may be writing a file just now.
    await within(LAST_LOOK_MS, this.#looking);
  }

  /** Again and again: is all as it should be? */
  async #look(): Promise<void> {
    const { intervalMs = 5 * 60_000, troubledIntervalMs = 30_000 } = this.#options;
    const { signal } = this.#closed;
    try {
      for (let info = await this.#selfInfo; ; info = (await this.#askAgain()) ?? info) {
        this.#isPoked = false;
        await this.#ingress.open(info);
        await this.#hostAddress.refresh();
        await this.#card.install(info.slug);
        await this.#certificate.refresh();
        await this.#pause(this.#isTroubled() ? troubledIntervalMs : intervalMs);
        signal.throwIfAborted();
      }
    } catch (error) {
      if (!signal.aborted) this.#log.error('looking after Home Assistant failed', error);
    }
  }

  #lookSoon(): void {
    this.#isPoked = true;
    this.#wake();
  }

  #pause(ms: number): Promise<void> {
    if (this.#isPoked || this.#closed.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #askAgain(): Promise<SelfInfo | undefined> {
    try {
      return this.#answered(await this.#supervisor.selfInfo());
    } catch (error) {
      this.#complaint.say(messageOf(error));
      return undefined;
    }
  }

  #answered(info: SelfInfo): SelfInfo {
    this.#isAnswered = true;
    this.#complaint.settle('the Supervisor answers now');
    return info;
  }

  #isTroubled(): boolean {
    const { ingress, files, served, resource, supervisor } = this.facts;
    return (
      [ingress, files, resource, supervisor].some(({ state }) => state === 'failed') ||
      served.state === 'restart_needed'
    );
  }
}

function portsOf({ network }: SelfInfo): ChosenPorts {
  return { main: network?.['8080/tcp'] ?? null, media: network?.['8081/tcp'] ?? null };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
