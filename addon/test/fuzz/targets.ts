/** All that is fuzzed. */
import type { AnyTarget } from './target.ts';
import { datagrams } from './targets/datagrams.ts';
import { core, mqtt, supervisor } from './targets/house.ts';
import { http } from './targets/http.ts';
import { options } from './targets/options.ts';
import { packets } from './targets/packets.ts';
import { peers, sdp } from './targets/sdp.ts';
import { signaling } from './targets/signaling.ts';
import { chimes, opus, wav } from './targets/sound.ts';

export const TARGETS: readonly AnyTarget[] = [
  ...[signaling, http, sdp, peers, datagrams, packets],
  ...[opus, wav, chimes, options, supervisor, core, mqtt],
];
