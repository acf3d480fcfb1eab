/**
 * SRTP's rollover counter by RFC 3711 3.3.1. werift 0.25.2 steps it only when the gap over the sequence wrap (each 21.8
 * minutes) starts above 65435 and ends below 100: an outage of a few seconds there leaves every later packet
 * undecryptable for ever. Both directions are replaced, per transport, once DTLS is up.
 */
import type { RTCDtlsTransport } from 'werift';
import { sequenceDelta } from '../media/rtp-math.ts';

interface RolloverState {
  rolloverCounter: number;
  rolloverHasProcessed?: boolean;
  lastSequenceNumber: number;
}

export function repairRollover(transport: RTCDtlsTransport): void {
  transport.srtp.localContext.updateRolloverCount = updateRolloverCount;
  transport.srtp.remoteContext.updateRolloverCount = updateRolloverCount;
}

/** Estimates the counter of `sequenceNumber` from its nearest neighbour, the last packet; never below zero. */
export function updateRolloverCount(sequenceNumber: number, state: RolloverState): void {
  if (!state.rolloverHasProcessed) {
    state.rolloverHasProcessed = true;
  } else if (sequenceNumber - state.lastSequenceNumber > 0x8000) {
    // Late, from before the wrap. Without a counter to step back to it cannot be decrypted, and is not remembered.
    if (state.rolloverCounter === 0) return;
    state.rolloverCounter -= 1;
  } else if (state.lastSequenceNumber - sequenceNumber > 0x8000) {
    state.rolloverCounter += 1;
  }
  state.lastSequenceNumber = sequenceNumber;
}

/**
 * The same as one number of 48 bits, rollover counter and sequence number: that which is nearest to `highest`, the first
 * one without a rollover. Undefined for what would lie before the beginning.
 */
export function estimateIndex(highest: number | undefined, sequenceNumber: number): number | undefined {
  if (highest === undefined) return sequenceNumber;
  const index = highest + sequenceDelta(highest % 0x1_0000, sequenceNumber);
  return index < 0 ? undefined : index;
}
