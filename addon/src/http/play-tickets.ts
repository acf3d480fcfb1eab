/**
 * PlayTickets: an `<audio>` element sends no Authorization header, and media keys are for administrators, so a card gets a
 * path with a ticket that plays one stream on the main server for some hours. A ticket is computed, not stored: when it
 * ends, and an HMAC over that and the stream's id. Raising the generation of a stream's media keys kills its tickets too.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { KEY_CHARS, type KeySource } from './media-keys.ts';

export interface PlayTicketsOptions {
  source: Pick<KeySource, 'mediaSecret' | 'generationOf'>;
  /** From making a ticket to the last moment at which playing may begin. Default 12 h: a night. */
  lifetimeMs?: number;
}

/** A stream, or a talk that is over. */
export type TicketKind = 'play' | 'replay';

const TICKET = new RegExp(`^([0-9a-z]{1,11})\\.([A-Za-z0-9_-]{${KEY_CHARS}})$`);

export class PlayTickets {
  readonly #options: PlayTicketsOptions;

  constructor(options: PlayTicketsOptions) {
    this.#options = options;
  }

  /** Relative to the main server's root. */
  pathOf(id: string): string {
    return `play/${this.#ticket('play', id, id)}/${id}.mp3`;
  }

  /** The same for something that was said. */
  replayPathOf({ talkId, streamId }: { talkId: string; streamId: string }): string {
    return `replay/${this.#ticket('replay', talkId, streamId)}/${talkId}.mp3`;
  }

  /** Takes the same time for every well-formed ticket. `owner` is the stream of a talk. */
  verify(ticket: string, id: string, kind: TicketKind = 'play', owner = id): boolean {
    const [, endsAt = '', given = ''] = TICKET.exec(ticket) ?? [];
    const right = this.#sign(kind, endsAt, id, owner);
    const isRight = given.length === right.length && timingSafeEqual(Buffer.from(given), Buffer.from(right));
    return isRight && Number.parseInt(endsAt, 36) > Date.now();
  }

  #ticket(kind: TicketKind, id: string, owner: string): string {
    const endsAt = (Date.now() + (this.#options.lifetimeMs ?? 12 * 3_600_000)).toString(36);
    return `${endsAt}.${this.#sign(kind, endsAt, id, owner)}`;
  }

  #sign(kind: TicketKind, endsAt: string, id: string, owner: string): string {
    const { source } = this.#options;
    return createHmac('sha256', source.mediaSecret)
      .update(`${source.generationOf(owner)}:${kind}:${endsAt}:${id}`)
      .digest('base64url')
      .slice(0, KEY_CHARS);
  }
}
