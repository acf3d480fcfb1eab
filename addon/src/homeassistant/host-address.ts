/**
 * HostAddress: the address of this machine that others of the house reach it by, which media URLs name. What the owner
 * announced, else the Supervisor's primary connection, else Core's default adapter, else the machine's own interfaces.
 */
import { isIPv4 } from 'node:net';
import * as v from 'valibot';
import type { Log } from '../log.ts';
import type { Core } from './core.ts';
import type { NetworkInfo, Supervisor } from './supervisor.ts';

export interface HostAddressOptions {
  log: Log;
  supervisor: Pick<Supervisor, 'networkInfo'>;
  core: Pick<Core, 'request'>;
  /** The option; nobody is asked then. */
  announced: string | undefined;
  /** Best first, containers' interfaces left out; never empty. */
  interfaces: () => readonly string[];
}

export type HostAddressSource = 'option' | 'supervisor' | 'core' | 'interfaces';

export interface KnownAddress {
  address: string;
  source: HostAddressSource;
}

const coreNetwork = v.object({
  adapters: v.array(
    v.object({
      enabled: v.optional(v.boolean(), true),
      default: v.optional(v.boolean(), false),
      ipv4: v.optional(v.array(v.object({ address: v.string() })), []),
    }),
  ),
});

export class HostAddress {
  readonly #options: HostAddressOptions;
  #asked: KnownAddress | undefined;
  #told: string | undefined;

  constructor(options: HostAddressOptions) {
    this.#options = options;
  }

  get current(): KnownAddress {
    const { announced, interfaces } = this.#options;
    if (announced !== undefined) return { address: announced, source: 'option' };
    return this.#asked ?? { address: interfaces()[0] ?? '127.0.0.1', source: 'interfaces' };
  }

  /** Asks again; never rejects. What was found before stands while nobody answers. */
  async refresh(): Promise<void> {
    if (this.#options.announced === undefined) {
      const fromSupervisor = await this.#askSupervisor();
      const address = fromSupervisor ?? (await this.#askCore());
      if (address !== undefined) {
        this.#asked = { address, source: fromSupervisor === undefined ? 'core' : 'supervisor' };
      } else if (this.#asked && !this.#options.interfaces().includes(this.#asked.address)) {
        // Nobody answers, and this machine has it no more.
        this.#asked = undefined;
      }
    }
    const { address, source } = this.current;
    if (address === this.#told) return;
    const was = this.#told === undefined ? '' : `, no longer ${this.#told}`;
    this.#told = address;
    this.#options.log.info(`media URLs name ${address} (${SOURCES[source]})${was}`);
  }

  async #askSupervisor(): Promise<string | undefined> {
    try {
      return primaryAddress(await this.#options.supervisor.networkInfo());
    } catch (error) {
      this.#options.log.debug(`no address from the Supervisor: ${String(error)}`);
      return undefined;
    }
  }

  async #askCore(): Promise<string | undefined> {
    try {
      const { adapters } = await this.#options.core.request({ type: 'network' }, coreNetwork);
      const usable = adapters.filter((adapter) => adapter.enabled);
      const adapter = usable.find((each) => each.default) ?? usable[0];
      return adapter?.ipv4.map(({ address }) => address).find(isUsable);
    } catch (error) {
      this.#options.log.debug(`no address from Core: ${String(error)}`);
      return undefined;
    }
  }
}

const SOURCES: Record<HostAddressSource, string> = {
  option: 'the option announced_address',
  supervisor: 'the primary connection, says the Supervisor',
  core: 'the default adapter, says Home Assistant',
  interfaces: "the first of this machine's own",
};

function primaryAddress({ interfaces }: NetworkInfo): string | undefined {
  const connected = interfaces.filter((each) => each.enabled && each.connected);
  const addresses = connected
    .filter((each) => each.primary)
    .flatMap((each) => each.ipv4?.address ?? [])
    .map((address) => address.replace(/\/\d+$/, ''));
  return addresses.find(isUsable);
}

/** Not loopback, not link-local, not nothing. */
function isUsable(address: string): boolean {
  return isIPv4(address) && !/^(?:127\.|169\.254\.|0\.)/.test(address);
}
