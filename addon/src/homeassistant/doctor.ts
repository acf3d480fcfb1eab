/** Doctor: the facts about our place in Home Assistant, for the page and for reports. No secrets, no keyed URLs. */
import type { KnownAddress } from './host-address.ts';

export interface Fact<State extends string> {
  state: State;
  /** A sentence for a person when something is in the way. */
  why?: string | undefined;
}

export interface DoctorFacts {
  supervisor: Fact<'waiting' | 'answering' | 'failed'>;
  core: Fact<'waiting' | 'connected'>;
  ingress: Fact<'waiting' | 'listening' | 'failed'>;
  /** The card's files in `www`. */
  files: Fact<'waiting' | 'copied' | 'failed'>;
  /** Whether Core gives them to browsers. */
  served: Fact<'unknown' | 'served' | 'restart_needed'>;
  /** The list of what dashboards load. */
  resource: Fact<'waiting' | 'registered' | 'yaml' | 'failed'>;
  mqtt: Fact<'off' | 'waiting' | 'connected'>;
  host_address: KnownAddress;
}
