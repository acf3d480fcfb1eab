/**
 * Reader: a player of HTTP streams that cannot be here, as its code or its documents describe it: what it asks, which
 * answers it refuses, how it takes the bytes and when it gives up. It speaks raw HTTP, so that nothing is mended on the way.
 */
import { connect, type Socket } from 'node:net';

export interface Reader {
  readonly name: string;
  /** Code or document that says so. */
  readonly source: string;
  /** Of the URL it is given. Default mp3. */
  readonly extension?: 'mp3' | '320.mp3' | 'wav';
  /** Asked one after the other before `ask`; their bodies are not played. */
  readonly probes?: readonly Ask[];
  readonly ask: Ask;
  /** Why it would not play this; undefined: it would. What no player takes is checked for all. */
  readonly refuses?: (answer: Answer, url: URL) => string | undefined;
  /** It plays when it has so many bytes, or the whole. Default: at once. */
  readonly startBytes?: number;
  /** Takes so many bytes and looks away for so long. Default: takes all as it comes. */
  readonly takes?: { readonly bytes: number; readonly everyMs: number };
  /** Nothing for so long and it gives up. Default: patient. */
  readonly givesUpAfterMs?: number;
  /** The stream ended: it asks once more, as it takes that for a fault of the network. */
  readonly comesBack?: boolean;
}

export interface Ask {
  readonly method: 'GET' | 'HEAD';
  readonly version: '1.0' | '1.1';
  readonly headers: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  /** Names in small letters. */
  readonly headers: ReadonlyMap<string, string>;
}

export interface Heard {
  /** What the player would have stumbled over. */
  complaints: string[];
  answer: Answer | undefined;
  /** Without what ICY puts in between. */
  sound: Buffer;
  titles: string[];
  /** It had all it wants before it plays. */
  plays: boolean;
  endedByServer: boolean;
  /** To its second asking, if it asked. */
  secondAnswer: Answer | undefined;
}

export class Playing {
  readonly done: Promise<Heard>;
  readonly #reader: Reader;
  readonly #url: URL;
  readonly #heard: Heard = {
    complaints: [],
    answer: undefined,
    sound: Buffer.alloc(0),
    titles: [],
    plays: false,
    endedByServer: false,
    secondAnswer: undefined,
  };
  readonly #watchers = new Set<() => void>();
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #left = false;
  #socket: Socket | undefined;

  constructor(reader: Reader, url: string) {
    this.#reader = reader;
    this.#url = new URL(url);
    this.done = this.#play();
  }

  /** Resolved when it has so many bytes of the body, or nothing comes any more. */
  async took(bytes: number): Promise<void> {
    const enough = new Promise<void>((resolve) => {
      const look = (): void => {
        if (this.#bytes >= bytes) resolve();
      };
      this.#watchers.add(look);
      look();
    });
    await Promise.race([enough, this.done]);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Of what it plays. */
  get extension(): string {
    return this.#url.pathname.replace(/^[^.]*\./, '');
  }

  leave(): void {
    this.#left = true;
    this.#socket?.destroy();
  }

  async #play(): Promise<Heard> {
    const { reader, heard } = { reader: this.#reader, heard: this.#heard };
    for (const ask of reader.probes ?? []) {
      const { answer } = await this.#exchange(ask, 'probe');
      this.#judge(answer, `${ask.method} before playing`);
    }
    const { answer, ended } = await this.#exchange(reader.ask, 'play');
    heard.answer = answer;
    heard.endedByServer = ended;
    this.#judge(answer, reader.ask.method);
    const body = Buffer.concat(this.#chunks);
    const interval = Number(answer?.headers.get('icy-metaint') ?? 0);
    const { sound, titles } = withoutIcy(body, interval);
    Object.assign(heard, { sound, titles, plays: ended || body.length >= (reader.startBytes ?? 1) });
    if (body.subarray(0, 1).toString() === '<') heard.complaints.push('it got a page instead of sound');
    if (ended && reader.comesBack) heard.secondAnswer = (await this.#exchange(reader.ask, 'probe')).answer;
    return heard;
  }

  #judge(answer: Answer | undefined, what: string): void {
    const refused = answer ? (refusedByAll(answer) ?? this.#reader.refuses?.(answer, this.#url)) : 'no answer';
    if (refused) this.#heard.complaints.push(`${what}: ${refused}`);
  }

  /** A `probe` is over with the head of the answer. */
  #exchange(ask: Ask, use: 'probe' | 'play'): Promise<{ answer: Answer | undefined; ended: boolean }> {
    const { takes, givesUpAfterMs } = this.#reader;
    return new Promise((resolve) => {
      const socket = connect({ host: this.#url.hostname, port: Number(this.#url.port) });
      this.#socket = socket;
      let answer: Answer | undefined;
      let head = Buffer.alloc(0);
      let ended = false;
      let taking: NodeJS.Timeout | undefined;
      let starving: NodeJS.Timeout | undefined;
      const take = (chunk: Buffer): void => {
        this.#chunks.push(chunk);
        this.#bytes += chunk.length;
        for (const look of this.#watchers) look();
      };
      const readHead = (): void => {
        const chunk = socket.read() as Buffer | null;
        if (!chunk) return;
        head = Buffer.concat([head, chunk]);
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return;
        answer = parseHead(head.subarray(0, end).toString('latin1'));
        if (use === 'probe') {
          socket.destroy();
          return;
        }
        if (head.length > end + 4) take(head.subarray(end + 4));
        if (takes) taking = setInterval(() => takeSome(takes.bytes), takes.everyMs);
      };
      const takeSome = (most: number): void => {
        for (let left = most; left > 0;) {
          const chunk = socket.read(Math.min(left, socket.readableLength) || undefined) as Buffer | null;
          if (!chunk) return;
          take(chunk);
          left -= chunk.length;
        }
      };
      const patience = (): void => {
        clearTimeout(starving);
        if (givesUpAfterMs === undefined) return;
        starving = setTimeout(() => {
          this.#heard.complaints.push(`nothing came for ${givesUpAfterMs} ms`);
          socket.destroy();
        }, givesUpAfterMs);
      };
      socket.on('readable', () => {
        patience();
        if (!answer) readHead();
        if (answer && !takes) takeSome(Infinity);
      });
      socket.on('end', () => (ended = true));
      socket.on('error', (error) => {
        if (!this.#left) this.#heard.complaints.push(`the connection broke: ${error.message}`);
      });
      socket.on('close', () => {
        clearInterval(taking);
        clearTimeout(starving);
        resolve({ answer, ended });
      });
      patience();
      const headers = Object.entries({ Host: this.#url.host, ...ask.headers }).map((pair) => pair.join(': '));
      socket.write([`${ask.method} ${this.#url.pathname} HTTP/${ask.version}`, ...headers, '', ''].join('\r\n'));
    });
  }
}

/** Chunks confuse old radios and microcontrollers, and Sonos refuses even `Transfer-Encoding: identity`. */
function refusedByAll({ status, headers }: Answer): string | undefined {
  if (status !== 200) return `status ${status}`;
  if (headers.has('transfer-encoding')) return `Transfer-Encoding: ${headers.get('transfer-encoding') ?? ''}`;
  const type = headers.get('content-type') ?? 'none';
  return ['audio/mpeg', 'audio/wav'].includes(type) ? undefined : `Content-Type: ${type}`;
}

function parseHead(text: string): Answer {
  const [first = '', ...lines] = text.split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { status: Number(first.split(' ')[1]), headers: new Map(headers) };
}

function withoutIcy(body: Buffer, interval: number): { sound: Buffer; titles: string[] } {
  if (interval === 0) return { sound: body, titles: [] };
  const pieces: Buffer[] = [];
  const titles: string[] = [];
  for (let at = 0; at < body.length;) {
    pieces.push(body.subarray(at, at + interval));
    at += interval;
    const length = (body[at] ?? 0) * 16;
    const title = /StreamTitle='(.*?)';/.exec(body.subarray(at + 1, at + 1 + length).toString())?.[1];
    if (title !== undefined) titles.push(title);
    at += 1 + length;
  }
  return { sound: Buffer.concat(pieces), titles };
}
