/** Who of those that the door let through gets no place: the server is full, or one has so many that others would get none. */
import type { LimitName } from '../media/limit-breaches.ts';
import type { SignalingLimits } from './limits.ts';
import type { Admission } from './ports.ts';

interface Guest {
  readonly authentication: { readonly user: { readonly name: string | null } | undefined };
  readonly address: string | undefined;
}

export type PlaceLimits = Pick<
  SignalingLimits,
  'maxClients' | 'maxClientsPerUser' | 'maxStrangers' | 'maxStrangersPerAddress'
>;

/** Why this one gets in no more, if so. Whoever has no name came by token or from this machine. */
export function fullFor(
  { user, address }: Admission,
  sessions: ReadonlySet<Guest>,
  limits: PlaceLimits,
): { limit: LimitName; why: string } | undefined {
  const { maxClients, maxClientsPerUser, maxStrangers, maxStrangersPerAddress } = limits;
  const count = (matches: (guest: Guest) => boolean): number => [...sessions].filter(matches).length;
  if (sessions.size >= maxClients) return { limit: 'clients', why: `${maxClients} are here already` };
  if (user === undefined) {
    const isStranger = (guest: Guest): boolean => guest.authentication.user === undefined;
    const ofAddress = count((guest) => isStranger(guest) && guest.address === address);
    if (ofAddress >= maxStrangersPerAddress) {
      return { limit: 'strangers', why: `${ofAddress} of its address have not said the access token yet` };
    }
    const all = count(isStranger);
    if (all >= maxStrangers) return { limit: 'strangers', why: `${all} have not said the access token yet` };
    return undefined;
  }
  if (
    user.name === null ||
    count(({ authentication }) => authentication.user?.name === user.name) < maxClientsPerUser
  ) {
    return undefined;
  }
  return { limit: 'clients_per_user', why: `one user has ${maxClientsPerUser} already` };
}
