/** What all sessions of a server share. */
import type { Log } from '../log.ts';
import type { PeerFactory } from '../media/ports.ts';
import type { BreachCounter } from '../media/limit-breaches.ts';
import type { Relay } from '../media/relay.ts';
import type { Stream } from '../media/stream.ts';
import type { Counters } from './counters.ts';
import type { DeviceRegistry } from './device-registry.ts';
import type { SignalingLimits } from './limits.ts';
import type { MonitorRegistry } from './monitor-registry.ts';
import type { Announcer, Audit, Doctor, MediaUrlBook, PlayUrlBook, ReplayBook, TokenAuthority } from './ports.ts';
import type { StreamList } from './stream-list.ts';

export interface SessionContext {
  log: Log;
  relay: Relay;
  peers: PeerFactory;
  devices: DeviceRegistry;
  tokens: TokenAuthority;
  mediaUrls: MediaUrlBook;
  playUrls: PlayUrlBook;
  /** Undefined: nothing can be heard again. */
  replays: ReplayBook | undefined;
  doctor: Doctor;
  /** Undefined: there is no Home Assistant. */
  announcer: Announcer | undefined;
  audit: Audit | undefined;
  monitors: MonitorRegistry;
  serverVersion: string;
  limits: SignalingLimits;
  breaches: BreachCounter;
  counters: Counters;
  streamList: StreamList;
  /** Streams begun by sessions, not by WHIP. */
  sessionStreams: WeakSet<Stream>;
  /** Ids of live streams, of connected devices and of others than devices. */
  isIdInUse: (id: string) => boolean;
}
