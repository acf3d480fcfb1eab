/**
 * Ingress: our door behind Home Assistant's login, opened where the Supervisor dials. Address and port are the
 * Supervisor's to say; until it does, and until the address exists, this door alone stays shut.
 */
import type { Closeable } from '../closeable.ts';
import type { Log } from '../log.ts';
import type { Administrators } from './administrators.ts';
import { Complaint } from './complaint.ts';
import type { DoctorFacts } from './doctor.ts';
import type { CreateIngress, IngressListener } from './ports.ts';
import type { SelfInfo } from './supervisor.ts';

export interface IngressOptions {
  log: Log;
  create: CreateIngress;
  administrators: Administrators;
}

export class Ingress implements Closeable {
  fact: DoctorFacts['ingress'] = { state: 'waiting' };
  readonly #options: IngressOptions;
  readonly #log: Log;
  readonly #complaint: Complaint;
  #listener: IngressListener | undefined;
  #place: string | undefined;
  readonly #closed = new AbortController();

  constructor(options: IngressOptions) {
    this.#options = options;
    this.#log = options.log.child('ingress');
    this.#complaint = new Complaint(this.#log);
  }

  /** Opens the door, or moves it where the Supervisor dials now. Never rejects. */
  async open({ ip_address: host, ingress_port: port }: SelfInfo): Promise<void> {
    if (port === null || port === undefined) {
      this.#fail('The Supervisor names no ingress port: install the add-on again.');
      return;
    }
    const place = `${host}:${port}`;
    if (this.#isClosed() || place === this.#place) return;
    await this.#listener?.close();
    const listener = this.#options.create({ host, port }, this.#options.administrators);
    this.#listener = listener;
    this.#place = undefined;
    try {
      await listener.listen();
    } catch (error) {
      await listener.close();
      this.#fail(error instanceof Error ? error.message : String(error));
      return;
    }
    if (this.#isClosed()) {
      await listener.close();
      return;
    }
    this.#place = place;
    this.fact = { state: 'listening' };
    this.#log.info(`listening on ${place} for Home Assistant's ingress`);
    this.#complaint.settle('the way through Home Assistant is open');
  }

  stopAccepting(): void {
    this.#closed.abort();
    this.#listener?.stopAccepting();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#listener?.close();
  }

  /** It may be closed during any await. */
  #isClosed(): boolean {
    return this.#closed.signal.aborted;
  }

  #fail(why: string): void {
    this.fact = { state: 'failed', why };
    this.#complaint.say(`Dashboards cannot reach us through Home Assistant: ${why}`);
  }
}
