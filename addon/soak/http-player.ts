/** A player of the soak: takes MP3 or WAV and counts it as time; may stop reading. */
import type { IncomingMessage } from 'node:http';
import { request } from '../test/support/player.ts';

/** 128 kbit/s; 48 kHz, 16 bits, mono. */
const BYTES_PER_SECOND = { mp3: 16_000, wav: 96_000 };
export type Format = keyof typeof BYTES_PER_SECOND;

export class HttpPlayer {
  readonly url: string;
  readonly format: Format;
  bytes = 0;
  /** The server or we ended it. */
  ended = false;
  readonly startedAtMs = performance.now();
  lastAtMs = performance.now();
  readonly #response: IncomingMessage;

  private constructor(url: string, response: IncomingMessage) {
    this.url = url;
    this.format = url.endsWith('.wav') ? 'wav' : 'mp3';
    this.#response = response;
    response.on('data', (chunk: Buffer) => {
      this.bytes += chunk.length;
      this.lastAtMs = performance.now();
    });
    response.on('close', () => (this.ended = true)).on('error', () => undefined);
  }

  static async open(url: string): Promise<HttpPlayer> {
    return new HttpPlayer(url, await request(url));
  }

  get soundSeconds(): number {
    return this.bytes / BYTES_PER_SECOND[this.format];
  }

  get listenedSeconds(): number {
    return (this.lastAtMs - this.startedAtMs) / 1000;
  }

  stopReading(): void {
    this.#response.pause();
  }

  close(): void {
    this.#response.destroy();
  }
}
