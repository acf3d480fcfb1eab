/** The server from its source, for more clients than one user may have anywhere: the only limits that are raised. */
import { DEFAULT_LIMITS } from '../../src/signaling/limits.ts';

Object.assign(DEFAULT_LIMITS, { maxClients: 1000, maxClientsPerUser: 1000 });
await import('../../src/main.ts');
