/**
 * TlsCertificate: the certificate and key of the main server, from two PEM files that somebody else renews (Let's Encrypt,
 * Home Assistant's add-ons). Looked at again and again rather than watched: renewals replace files, links and whole
 * folders. A pair that cannot be used never replaces one that can.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { Check } from '@voice-streaming/shared/protocol';
import type { Closeable } from '../closeable.ts';
import type { Log } from '../log.ts';
import type { TlsFiles } from '../options.ts';

export interface TlsPair {
  cert: Buffer;
  key: Buffer;
}

export interface TlsCertificateOptions extends TlsFiles {
  log: Log;
  /** Between two looks at the files. Default 60 s. */
  intervalMs?: number;
  /** So long before its end a warning is given, once a day. Default 14 days. */
  warnAheadMs?: number;
  /** Larger files are not read. Default 1 MiB. */
  maxFileBytes?: number;
  now?: () => number;
}

const DAY_MS = 24 * 3_600_000;

export class TlsCertificate implements Closeable {
  /** What the server is to use; undefined: nothing usable was there yet. */
  pair: TlsPair | undefined;
  readonly #options: TlsCertificateOptions;
  readonly #log: Log;
  readonly #listeners = new Set<(pair: TlsPair) => void>();
  #check: Check = { check: 'certificate', state: 'off' };
  #endsAtMs = Infinity;
  #said: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** One look at a time. */
  #looking: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: TlsCertificateOptions) {
    this.#options = options;
    this.#log = options.log.child('certificate');
  }

  /** For the doctor; `off` until started. */
  get check(): Check {
    return this.#check;
  }

  /** Called with each new usable pair. Returns its own unsubscribe function. */
  onRenewed(listener: (pair: TlsPair) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves after the first look. Never rejects. */
  async start(): Promise<void> {
    if (this.#timer || this.#isClosed) return;
    this.#timer = setInterval(() => void this.look(), this.#options.intervalMs ?? 60_000);
    this.#timer.unref();
    await this.look();
  }

  /** Reads the files now. Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #look(): Promise<void> {
    try {
      const pair = await this.#read();
      if (this.#isClosed) return;
      const isRenewed = this.pair !== undefined;
      if (!this.pair?.cert.equals(pair.cert) || !this.pair.key.equals(pair.key)) {
        this.#endsAtMs = checkPair(pair, this.#options);
        this.pair = pair;
        for (const listener of this.#listeners) listener(pair);
        this.#log.info(`${isRenewed ? 'renewed: ' : ''}good until ${dateOf(this.#endsAtMs)}`);
      }
      this.#judgeAge();
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#listeners.clear();
    return Promise.resolve();
  }

  async #read(): Promise<TlsPair> {
    const { certFile, keyFile, maxFileBytes = 1024 * 1024 } = this.#options;
    const [cert, key] = await Promise.all([
      readPem(certFile, 'certfile', maxFileBytes),
      readPem(keyFile, 'keyfile', maxFileBytes),
    ]);
    return { cert, key };
  }

  #judgeAge(): void {
    const leftMs = this.#endsAtMs - (this.#options.now ?? Date.now)();
    const { certFile, warnAheadMs = 14 * DAY_MS } = this.#options;
    if (leftMs > warnAheadMs) {
      this.#said = undefined;
      this.#check = { check: 'certificate', state: 'ok' };
      return;
    }
    const days = Math.floor(leftMs / DAY_MS);
    const end = dateOf(this.#endsAtMs);
    const why =
      leftMs <= 0
        ? `The certificate ${certFile} ended on ${end}: browsers warn of it until it is renewed.`
        : `The certificate ${certFile} ends on ${end}, in ${days} ${days === 1 ? 'day' : 'days'}: see that it is renewed.`;
    this.#say(why);
    this.#check = { check: 'certificate', state: leftMs <= 0 ? 'failed' : 'warning', why };
  }

  #fail(why: string): void {
    const rest = this.pair
      ? 'The certificate of before stays in use.'
      : 'Until that is mended nobody reaches the page by https; all else works on.';
    this.#say(`${why} ${rest}`);
    this.#check = { check: 'certificate', state: 'failed', why };
  }

  /** Again only when it changed: each day for what names the days left. */
  #say(sentence: string): void {
    if (this.#said !== sentence) this.#log.warn(sentence);
    this.#said = sentence;
  }
}

async function readPem(file: string, option: string, maxBytes: number): Promise<Buffer> {
  try {
    const info = await stat(file);
    if (!info.isFile()) throw new Error('it is no file');
    const { size } = info;
    if (size > maxBytes) throw new Error(`it has ${size} bytes, ${maxBytes} are the most`);
    return await readFile(file);
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const reason = isMissing ? 'there is no such file' : error instanceof Error ? error.message : String(error);
    throw new Error(`The file ${file} (option ${option}) cannot be read: ${reason}.`, { cause: error });
  }
}

/** When the certificate ends. Throws a sentence for a person: what OpenSSL says is none. */
function checkPair({ cert, key }: TlsPair, { certFile, keyFile }: TlsFiles): number {
  const certificate = parse(
    () => new X509Certificate(cert),
    `${certFile} (option certfile) is no certificate in PEM form.`,
  );
  const isLocked = key.includes('ENCRYPTED');
  const privateKey = parse(
    () => createPrivateKey(key),
    `${keyFile} (option keyfile) ${isLocked ? 'asks for a passphrase: give a key without one.' : 'is no private key in PEM form.'}`,
  );
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new Error(`${keyFile} is not the key of the certificate ${certFile}: name the two that belong together.`);
  }
  parse(() => createSecureContext({ cert, key }), `${certFile} and ${keyFile} cannot be used for https.`);
  return Date.parse(certificate.validTo);
}

function parse<T>(read: () => T, sentence: string): T {
  try {
    return read();
  } catch (error) {
    throw new Error(sentence, { cause: error });
  }
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
