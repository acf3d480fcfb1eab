/** Imported before the server's main.ts: more clients than one user may have anywhere else. */
import { DEFAULT_LIMITS } from '../../src/signaling/limits.ts';

Object.assign(DEFAULT_LIMITS, { maxClients: 1000, maxClientsPerUser: 1000 });
