/** SenderReports: tells the client of one peer now and then what was sent to it (RFC 3550 6.4.1), for its statistics. */
import {
  RtcpSourceDescriptionPacket,
  SourceDescriptionChunk,
  SourceDescriptionItem,
  type RTCDtlsTransport,
} from 'werift';
import type { RtpOutlet } from './rtp-outlet.ts';

export interface SenderReportsOptions {
  /** RFC 3550 6.2: 5 s on average, and at random between half and one and a half of it. Default 5 s. */
  reportIntervalMs?: number;
}

/** The first report comes sooner: until then a client can compute nothing. */
const FIRST_REPORT_MS = 500;
const CNAME_ITEM = 1;

export class SenderReports {
  readonly #transport: RTCDtlsTransport;
  readonly #outlets: readonly RtpOutlet[];
  readonly #intervalMs: number;
  /** RFC 7022: random, for as long as the peer lives. */
  readonly #cname: string;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    transport: RTCDtlsTransport,
    outlets: readonly RtpOutlet[],
    cname: string,
    options: SenderReportsOptions = {},
  ) {
    this.#transport = transport;
    this.#outlets = outlets;
    this.#cname = cname;
    this.#intervalMs = options.reportIntervalMs ?? 5000;
  }

  /** To be called when the first packet goes out; later calls do nothing. */
  start(): void {
    if (!this.#timer && !this.#closed) this.#arm(Math.min(FIRST_REPORT_MS, this.#intervalMs));
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #arm(ms: number): void {
    this.#timer = setTimeout(() => this.#tell(), ms);
    this.#timer.unref();
  }

  #tell(): void {
    if (this.#transport.state === 'closed' || this.#transport.state === 'failed') return;
    for (const outlet of this.#outlets) {
      const report = outlet.report();
      if (!report) continue;
      const items = [new SourceDescriptionItem({ type: CNAME_ITEM, text: this.#cname })];
      const chunks = [new SourceDescriptionChunk({ source: outlet.ssrc, items })];
      this.#transport.sendRtcp([report, new RtcpSourceDescriptionPacket({ chunks })]).catch(() => undefined);
    }
    this.#arm(this.#intervalMs * (0.5 + Math.random()));
  }
}
