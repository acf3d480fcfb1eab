/** What /metrics wants to know of signaling. */
import type { ErrorCode } from '@voice-streaming/shared/errors';
import type { ByeReason } from '@voice-streaming/shared/protocol';

export interface SignalingStats {
  /** WebSockets open, those that were told `bye` included. */
  clients: number;
  /** Sessions that said which device they are. */
  introduced: number;
  senderPeers: number;
  receiverPeers: number;
  messagesIn: number;
  errors: Partial<Record<ErrorCode, number>>;
  byes: Partial<Record<ByeReason, number>>;
  /** Packets of sender peers that came while no talk was running. */
  packetsDropped: number;
}

export interface ClientFacts {
  streamId: string | null;
  isAdmitted: boolean;
  isAdmin: boolean;
  hasSender: boolean;
  hasReceiver: boolean;
  /** Hears itself, in the self-test. */
  isTesting: boolean;
  /** Streams on its slots. */
  hears: number;
}

export class Counters {
  messagesIn = 0;
  packetsDropped = 0;
  readonly errors: Partial<Record<ErrorCode, number>> = {};
  readonly byes: Partial<Record<ByeReason, number>> = {};

  countError(code: ErrorCode): void {
    this.errors[code] = (this.errors[code] ?? 0) + 1;
  }

  countBye(reason: ByeReason): void {
    this.byes[reason] = (this.byes[reason] ?? 0) + 1;
  }
}
