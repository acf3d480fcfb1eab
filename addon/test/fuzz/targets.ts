/** All that is fuzzed. */
import type { AnyTarget } from './target.ts';
import { datagrams } from './targets/datagrams.ts';
import { options } from './targets/options.ts';
import { packets } from './targets/packets.ts';
import { peers, sdp } from './targets/sdp.ts';
import { signaling } from './targets/signaling.ts';

export const TARGETS: readonly AnyTarget[] = [signaling, sdp, peers, datagrams, packets, options];
