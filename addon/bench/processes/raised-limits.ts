/**
 * Imported before the server's main.ts: more clients than one user, and more receivers than one stream, may have anywhere else.
 * `CROWD_ABOVE=1000` has no packets in pairs.
 */
import process from 'node:process';
import { Relay } from '../../src/media/relay.ts';
import { DEFAULT_LIMITS } from '../../src/signaling/limits.ts';

const MANY = 1000;

Object.assign(DEFAULT_LIMITS, { maxClients: MANY, maxClientsPerUser: MANY });
const start = Reflect.get<Relay, 'start'>(Relay.prototype, 'start');
Relay.prototype.start = function (this: Relay, ...args) {
  const crowdAbove = Number(process.env['CROWD_ABOVE'] ?? this.crowdAbove);
  Object.assign(this, { maxReceiversPerStream: MANY, crowdAbove });
  return start.apply(this, args);
};
