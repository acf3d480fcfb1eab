/**
 * Supervisor: what we ask of the Supervisor's API. Every answer is bounded in time and size and checked; every failure
 * is a SupervisorError with a sentence for a person. It retries nothing: who asks knows when to ask again.
 */
import * as v from 'valibot';
import type { Closeable } from '../closeable.ts';
import { quoted } from './quoted.ts';

export interface SupervisorOptions {
  /** `http://supervisor`. */
  url: string;
  token: string;
  /** For one whole answer. Default 10 s. */
  timeoutMs?: number;
  /** Default 1 MiB. */
  maxAnswerBytes?: number;
}

export class SupervisorError extends Error {
  /** Undefined: no answer at all, or one that is none. */
  readonly status: number | undefined;

  constructor(message: string, status?: number, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SupervisorError';
    this.status = status;
  }
}

const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535));

const selfInfo = v.object({
  /** As dashboards and the API know us: `a0d7b954_voice_streaming`. */
  slug: v.pipe(v.string(), v.regex(/^[-_.A-Za-z0-9]{1,128}$/)),
  /** The address that the Supervisor dials. */
  ip_address: v.pipe(v.string(), v.ip()),
  ingress_port: v.nullish(port),
  /** `8081/tcp` -> the port the owner chose, or null for none. */
  network: v.nullish(v.record(v.string(), v.nullable(port))),
});
export type SelfInfo = v.InferOutput<typeof selfInfo>;

const networkInfo = v.object({
  interfaces: v.array(
    v.object({
      interface: v.string(),
      enabled: v.optional(v.boolean(), true),
      connected: v.boolean(),
      primary: v.boolean(),
      /** With the prefix: `192.168.1.5/24`. */
      ipv4: v.nullish(v.object({ address: v.array(v.string()) })),
    }),
  ),
});
export type NetworkInfo = v.InferOutput<typeof networkInfo>;

const coreInfo = v.object({ ip_address: v.pipe(v.string(), v.ip()), port, ssl: v.boolean() });
export type CoreInfo = v.InferOutput<typeof coreInfo>;

const mqttService = v.object({
  host: v.pipe(v.string(), v.minLength(1)),
  port,
  ssl: v.nullish(v.boolean()),
  username: v.nullish(v.string()),
  password: v.nullish(v.string()),
});
export type MqttService = v.InferOutput<typeof mqttService>;

const envelope = v.variant('result', [
  v.object({ result: v.literal('ok'), data: v.optional(v.unknown()) }),
  v.object({ result: v.literal('error'), message: v.optional(v.nullable(v.string())) }),
]);

export class Supervisor implements Closeable {
  readonly #options: SupervisorOptions;
  readonly #closed = new AbortController();

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  selfInfo(): Promise<SelfInfo> {
    return this.#get('/addons/self/info', selfInfo);
  }

  networkInfo(): Promise<NetworkInfo> {
    return this.#get('/network/info', networkInfo);
  }

  coreInfo(): Promise<CoreInfo> {
    return this.#get('/core/info', coreInfo);
  }

  /** Undefined: there is no broker. */
  async mqttService(): Promise<MqttService | undefined> {
    try {
      return await this.#get('/services/mqtt', mqttService);
    } catch (error) {
      if (error instanceof SupervisorError && error.status === 400) return undefined;
      throw error;
    }
  }

  /** Ends what is being asked. */
  close(): Promise<void> {
    this.#closed.abort();
    return Promise.resolve();
  }

  async #get<S extends v.GenericSchema>(path: string, schema: S): Promise<v.InferOutput<S>> {
    const { url, token, timeoutMs = 10_000 } = this.#options;
    let status: number;
    let text: string;
    try {
      const response = await fetch(`${url}${path}`, {
        headers: { Authorization: `Bearer ${token}` },
        redirect: 'error',
        signal: AbortSignal.any([this.#closed.signal, AbortSignal.timeout(timeoutMs)]),
      });
      status = response.status;
      text = await this.#read(response);
    } catch (error) {
      if (error instanceof SupervisorError) throw error;
      throw new SupervisorError(`The Supervisor does not answer ${path}: ${causeOf(error)}.`, undefined, {
        cause: error,
      });
    }
    if (status === 401 || status === 403) {
      throw new SupervisorError(`The Supervisor refuses ${path} (${status}): it does not take our token.`, status);
    }
    const parsed = v.safeParse(envelope, parseJson(text));
    if (!parsed.success) {
      throw new SupervisorError(`The Supervisor's answer to ${path} (${status}) cannot be understood.`, status);
    }
    if (parsed.output.result === 'error' || status >= 400) {
      const said = 'message' in parsed.output ? quoted(parsed.output.message ?? '', token) : '';
      throw new SupervisorError(`The Supervisor refuses ${path} (${status})${said === '' ? '.' : `: ${said}`}`, status);
    }
    const data = v.safeParse(schema, parsed.output.data);
    if (!data.success) {
      const where = quoted(v.getDotPath(data.issues[0]) ?? 'its data', token);
      throw new SupervisorError(`The Supervisor's answer to ${path} is not as expected: ${where}.`, status);
    }
    return data.output;
  }

  async #read(response: Response): Promise<string> {
    const { maxAnswerBytes = 1024 * 1024 } = this.#options;
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    // Leaving the loop cancels the rest.
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > maxAnswerBytes) {
        throw new SupervisorError(`The Supervisor's answer is longer than ${maxAnswerBytes} bytes.`, response.status);
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** fetch says no more than "fetch failed"; its cause says why. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'not in time';
  return error.cause instanceof Error ? error.cause.message : error.message;
}
