/** All that is fuzzed. */
import type { AnyTarget } from './target.ts';
import { coreSocket } from './targets/core-socket.ts';
import { datagrams } from './targets/datagrams.ts';
import { core, mqtt, supervisor } from './targets/house.ts';
import { http } from './targets/http.ts';
import { options } from './targets/options.ts';
import { packets } from './targets/packets.ts';
import { peers, sdp } from './targets/sdp.ts';
import { signaling } from './targets/signaling.ts';
import { chimes, opus, wav } from './targets/sound.ts';
import { websocket } from './targets/websocket.ts';
import { wish } from './targets/wish.ts';

export const TARGETS: readonly AnyTarget[] = [
  ...[signaling, websocket, http, wish, sdp, peers, datagrams, packets],
  ...[opus, wav, chimes, options, supervisor, core, coreSocket, mqtt],
];
