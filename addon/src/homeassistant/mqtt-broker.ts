/**
 * MqttBroker: a connection to the broker, kept up quietly. Whoever publishes does not wait and is told nothing: while there
 * is no connection a message is gone, and on each new one everything is said again. Retries are our own, as those of the
 * package (mqtt, the usual one for Node) know neither pauses that grow nor settings that change.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { IClientOptions, MqttClient } from 'mqtt';
import type { Closeable } from '../closeable.ts';
import type { Log } from '../log.ts';
import { DropCounter } from '../media/drop-counter.ts';
import { Complaint } from './complaint.ts';
import type { DoctorFacts } from './doctor.ts';
import { within } from './retry.ts';

export interface MqttSettings {
  /** `mqtt://host:1883` or `mqtts://…`, without a password. */
  url: string;
  username?: string | undefined;
  password?: string | undefined;
  /** False only inside of Home Assistant, where no certificate names the broker as it is reached. */
  verifyCertificate: boolean;
}

export interface MqttBrokerOptions {
  log: Log;
  /** Asked before each try. Undefined: there is no broker. */
  settings: () => Promise<MqttSettings | undefined>;
  /** Said for us, retained, when we are gone. */
  will: { topic: string; payload: string };
  /** Connected anew: the broker knows nothing. */
  onConnected: () => void;
  /** False: nothing that could be understood; it is counted. */
  onMessage: (topic: string, payload: string, retained: boolean) => boolean;
  /** Longer messages are counted, and not read. Default 16 KiB. */
  maxMessageBytes?: number;
  /** Between tries, doubling. Default 1 s to 60 s. */
  firstPauseMs?: number;
  longestPauseMs?: number;
  /** Between two questions whether there is a broker by now. Default 5 min. */
  noBrokerPauseMs?: number;
  /** Default 10 s. */
  connectTimeoutMs?: number;
  /** Bytes the network has not taken; above it what may be lost is. Default 256 KiB. */
  maxBufferedBytes?: number;
}

/** What a stop of the whole add-on waits for the broker. */
const LAST_WORDS_MS = 500;
const KEEPALIVE_SECONDS = 30;

export class MqttBroker implements Closeable {
  readonly #options: MqttBrokerOptions;
  readonly #log: Log;
  readonly #complaint: Complaint;
  readonly #ignored: DropCounter;
  readonly #closed = new AbortController();
  #client: MqttClient | undefined;
  #hasBroker = false;

  constructor(options: MqttBrokerOptions) {
    this.#options = options;
    this.#log = options.log.child('mqtt');
    this.#complaint = new Complaint(this.#log);
    this.#ignored = new DropCounter({ log: this.#log, what: 'MQTT messages on our topics are not ours: ignored' });
  }

  get fact(): DoctorFacts['mqtt'] {
    if (this.#client?.connected === true) return { state: 'connected' };
    return this.#hasBroker ? { state: 'waiting', why: this.#complaint.reason } : { state: 'off' };
  }

  start(): void {
    void this.#run();
  }

  /** Messages that were not ours or not to be understood. */
  get ignored(): number {
    return this.#ignored.total;
  }

  /** `isVital` false: may be left out when the network does not keep up. */
  publish(topic: string, payload: string, { retain = true, isVital = true } = {}): void {
    const client = this.#client;
    if (client?.connected !== true) return;
    if (!isVital && client.stream.writableLength > (this.#options.maxBufferedBytes ?? 256 * 1024)) return;
    client.publish(topic, payload, { retain });
  }

  subscribe(topics: readonly string[]): void {
    this.#client?.subscribe([...topics], (error) => {
      if (error) this.#complaint.say(`The MQTT broker does not let us read ${topics.join(', ')}: ${error.message}.`);
    });
  }

  /** Says the will itself, as a broker keeps quiet about whoever leaves in order. */
  async close(): Promise<void> {
    this.#closed.abort();
    this.#ignored.close();
    const client = this.#client;
    if (client?.connected !== true) return;
    const { topic, payload } = this.#options.will;
    this.publish(topic, payload);
    await within(LAST_WORDS_MS, client.endAsync(false));
    client.end(true);
  }

  /** Connect, stay connected, connect again. */
  async #run(): Promise<void> {
    const { firstPauseMs = 1_000, longestPauseMs = 60_000, noBrokerPauseMs = 5 * 60_000 } = this.#options;
    const { signal } = this.#closed;
    let pauseMs = firstPauseMs;
    while (!signal.aborted) {
      let nextPauseMs = Math.min(pauseMs * 2, longestPauseMs);
      try {
        const settings = await this.#options.settings();
        this.#hasBroker = settings !== undefined;
        if (settings) {
          const livedMs = await this.#connect(settings);
          // Thrown out at once, for instance by another with our name, is as good as not let in.
          if (livedMs > longestPauseMs) nextPauseMs = pauseMs = firstPauseMs;
        } else {
          pauseMs = noBrokerPauseMs;
          nextPauseMs = firstPauseMs;
        }
      } catch (error) {
        this.#complaint.say(error instanceof Error ? error.message : String(error));
      }
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
      pauseMs = nextPauseMs;
    }
  }

  /** Resolves when the connection is over, with how long it lived; rejects when there was none. */
  async #connect(settings: MqttSettings): Promise<number> {
    // Loaded only where there is a broker.
    const { connect } = await import('mqtt');
    const { signal } = this.#closed;
    if (signal.aborted) return 0;
    const place = placeOf(settings.url);
    const { will, onConnected, onMessage, connectTimeoutMs = 10_000, maxMessageBytes = 16 * 1024 } = this.#options;
    const options: IClientOptions = {
      clientId: `voice_streaming_${randomBytes(4).toString('hex')}`,
      reconnectPeriod: 0,
      connectTimeout: connectTimeoutMs,
      keepalive: KEEPALIVE_SECONDS,
      queueQoSZero: false,
      resubscribe: false,
      rejectUnauthorized: settings.verifyCertificate,
      will: { ...will, payload: Buffer.from(will.payload), retain: true, qos: 0 },
      ...(settings.username === undefined ? {} : { username: settings.username }),
      ...(settings.password === undefined ? {} : { password: settings.password }),
    };
    const client = connect(settings.url, options);
    this.#client = client;
    const life: { connectedAtMs?: number; fault?: Error } = {};
    client.on('error', (error) => (life.fault = error));
    client.on('message', (topic, payload, { retain }) => {
      const isFit = payload.length <= maxMessageBytes && onMessage(topic, payload.toString('utf8'), retain);
      if (!isFit) this.#ignored.count();
    });
    client.on('connect', () => {
      life.connectedAtMs = performance.now();
      this.#log.info(`connected to the MQTT broker at ${place}`);
      this.#complaint.settle('MQTT is well again');
      onConnected();
    });
    // Once connected, `close` says goodbye.
    const giveUp = (): void => {
      if (life.connectedAtMs === undefined) client.end(true);
    };
    signal.addEventListener('abort', giveUp);
    await new Promise<void>((resolve) => client.once('close', () => resolve()));
    signal.removeEventListener('abort', giveUp);
    client.end(true);
    return this.#over(life, place);
  }

  #over({ connectedAtMs, fault }: { connectedAtMs?: number; fault?: Error }, place: string): number {
    if (this.#closed.signal.aborted) return 0;
    if (connectedAtMs === undefined) throw new Error(sentenceOf(fault, place), { cause: fault });
    this.#complaint.say(`The connection to the MQTT broker at ${place} is lost.`);
    return performance.now() - connectedAtMs;
  }
}

function placeOf(url: string): string {
  const { hostname, port } = new URL(url);
  return port === '' ? hostname : `${hostname}:${port}`;
}

/** CONNACK codes of MQTT 3.1.1, 3.2.2.3. */
function sentenceOf(error: (Error & { code?: number | string }) | undefined, place: string): string {
  const broker = `The MQTT broker at ${place}`;
  if (error?.code === 4 || error?.code === 5) return `${broker} refuses our user name or password.`;
  if (error === undefined) return `${broker} closed the connection before it had let us in.`;
  return `${broker} cannot be reached: ${error.message === '' ? String(error.code) : error.message}.`;
}
