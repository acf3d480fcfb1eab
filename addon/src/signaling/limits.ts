/** Every limit of signaling, named, with its default. The constructor of SignalingServer takes any of them. */
import { MAX_OFFER_CHARS } from '@voice-streaming/shared/parse';

export interface SignalingLimits {
  /** Sessions at once, authenticated or not. */
  maxClients: number;
  /** Of these, by one user of Home Assistant, so that nobody keeps the others out. */
  maxClientsPerUser: number;
  /** Of these, who have not said the access token yet: any website may open such, and it is not to keep the house out. */
  maxStrangers: number;
  /** The same from one address. */
  maxStrangersPerAddress: number;
  /** A longer message is refused unread, with `message_too_large`. */
  maxMessageBytes: number;
  /** A longer frame closes the WebSocket (1009): what nobody sends by mistake is not even taken into memory. */
  maxFrameBytes: number;
  maxMessagesPerSecond: number;
  /** Messages that may come at once after a quiet time. */
  maxMessageBurst: number;
  /** Faulty messages within `errorWindowMs` before `bye {tooManyErrors}`. */
  maxErrors: number;
  /** In this time all of `maxErrors` are forgiven, evenly. */
  errorWindowMs: number;
  /** From connection to a right `authenticate`. */
  authTimeoutMs: number;
  authTries: number;
  /** Between two WebSocket ping frames. */
  pingIntervalMs: number;
  /** A ping without an answer for this long: the client is gone. */
  pingTimeoutMs: number;
  /** `alive` is said when nothing else was for this long. */
  aliveIntervalMs: number;
  levelsIntervalMs: number;
  /** Shortest time between two `streams`. */
  streamsIntervalMs: number;
  /** Bytes not yet taken by the network before `bye {tooSlow}`. */
  maxSendBufferBytes: number;
  /** Bytes waiting above which `streams` are merged and `levels` skipped. */
  coalesceAboveBytes: number;
  maxEchoMs: number;
  /** A talk that is neither an echo nor a monitor's; 0: no limit. */
  maxTalkMs: number;
  /** Devices that are to listen all the time, gone ones included. */
  maxMonitors: number;
  /** A monitor whose packets stay away for this long is lost, though all else of it may look alive. */
  monitorSilenceMs: number;
  /** What is louder than this counts as a sound of a monitor; a quiet room is at about -65. */
  monitorSoundDbov: number;
  /** While a monitor's room is loud, the time of its last sound is told this often. */
  monitorTellMs: number;
  /** Streams one receiver can hear at once, 1 to 4. */
  slots: number;
  /** Longest answering of one offer. */
  connectTimeoutMs: number;
  /** From a `bye` to the end of the TCP connection, if the client does not close. */
  byeTimeoutMs: number;
  /** Longest `close()` of the whole server. */
  closeTimeoutMs: number;
}

export const DEFAULT_LIMITS: Readonly<SignalingLimits> = {
  maxClients: 200,
  // The tablets of a house are often all one user.
  maxClientsPerUser: 100,
  maxStrangers: 64,
  maxStrangersPerAddress: 16,
  // The longest offer and half as much again for its JSON escapes.
  maxMessageBytes: MAX_OFFER_CHARS * 1.5,
  maxFrameBytes: 1.5 * 1024 * 1024,
  maxMessagesPerSecond: 20,
  maxMessageBurst: 40,
  maxErrors: 20,
  errorWindowMs: 60_000,
  authTimeoutMs: 5_000,
  authTries: 3,
  pingIntervalMs: 5_000,
  pingTimeoutMs: 10_000,
  aliveIntervalMs: 4_000,
  levelsIntervalMs: 200,
  streamsIntervalMs: 100,
  maxSendBufferBytes: 512 * 1024,
  coalesceAboveBytes: 64 * 1024,
  maxEchoMs: 10_000,
  // Twelve times what a card lets anybody talk by itself: for a button that was locked and forgotten.
  maxTalkMs: 60 * 60_000,
  maxMonitors: 32,
  monitorSilenceMs: 5_000,
  monitorSoundDbov: -50,
  monitorTellMs: 5_000,
  // `all` at a table of five: more voices at once nobody follows, and each section makes every offer larger.
  slots: 4,
  connectTimeoutMs: 10_000,
  byeTimeoutMs: 1_000,
  closeTimeoutMs: 1_500,
};

/** The defaults with whatever `given` sets; other members of `given` are left out. */
export function withDefaults(given: Partial<SignalingLimits>): SignalingLimits {
  const limits = { ...DEFAULT_LIMITS };
  for (const name of Object.keys(DEFAULT_LIMITS) as (keyof SignalingLimits)[]) {
    limits[name] = given[name] ?? DEFAULT_LIMITS[name];
  }
  return limits;
}
