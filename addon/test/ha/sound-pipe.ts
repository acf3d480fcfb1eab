/** Where a player's sound goes in place of a sound card: a pipe that is read at once, with the time of each piece. */
import { execFileSync } from 'node:child_process';
import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { fromInt16, SAMPLE_RATE_HZ } from '../support/pcm.ts';

interface Piece {
  atMs: number;
  samples: Float32Array;
}

/** What counts as sound; a codec's silence stays far below. */
const AUDIBLE = 0.01;

export class SoundPipe {
  /** For the player to write to: 48 kHz, 16 bit. */
  readonly path: string;
  readonly #socket: Socket;
  readonly #channels: number;
  #rest: Buffer = Buffer.alloc(0);
  #pieces: Piece[] = [];

  constructor(path: string, channels = 1) {
    this.path = path;
    this.#channels = channels;
    // Anybody's, as VLC does not run as root.
    execFileSync('mkfifo', ['-m', '666', path]);
    // For writing, too: so it never ends, whoever comes and goes.
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    this.#socket = new Socket({ fd, readable: true, writable: false });
    this.#socket.on('data', (data) => this.#take(data));
    this.#socket.on('error', () => undefined);
  }

  /** All it has played from then (`performance.now()`) on, without the time in which it played nothing. */
  heard(sinceMs = 0): Float32Array {
    const pieces = this.#pieces.filter(({ atMs }) => atMs >= sinceMs);
    const whole = new Float32Array(pieces.reduce((length, { samples }) => length + samples.length, 0));
    let at = 0;
    for (const { samples } of pieces) {
      whole.set(samples, at);
      at += samples.length;
    }
    return whole;
  }

  /** When it was first loud from then on; undefined: not yet. */
  firstSoundMs(sinceMs: number): number | undefined {
    return this.#pieces.find(({ atMs, samples }) => atMs >= sinceMs && isLoud(samples))?.atMs;
  }

  /** When it was last loud. */
  lastSoundMs(): number | undefined {
    return this.#pieces.findLast(({ samples }) => isLoud(samples))?.atMs;
  }

  /** Milliseconds of sound, silence included, from then on. */
  durationMs(sinceMs = 0): number {
    const samples = this.#pieces.reduce((sum, piece) => sum + (piece.atMs >= sinceMs ? piece.samples.length : 0), 0);
    return (samples / SAMPLE_RATE_HZ) * 1000;
  }

  forget(): void {
    this.#pieces = [];
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(data: Buffer): void {
    const atMs = performance.now();
    const all = Buffer.concat([this.#rest, data]);
    const frameBytes = 2 * this.#channels;
    const whole = all.length - (all.length % frameBytes);
    this.#rest = all.subarray(whole);
    if (whole === 0) return;
    const interleaved = fromInt16(all.subarray(0, whole));
    const samples = this.#channels === 1 ? interleaved : interleaved.filter((_, index) => index % this.#channels === 0);
    this.#pieces.push({ atMs, samples });
  }
}

function isLoud(samples: Float32Array): boolean {
  return samples.some((sample) => Math.abs(sample) > AUDIBLE);
}
