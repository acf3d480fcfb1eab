/**
 * UserRights: who of Home Assistant's users may talk and hear what, by the owner's lists. A list that is not there lets
 * everybody; administrators are on every list, as they could write them anew anyway.
 */
import type { Rights } from './ports.ts';

export interface UserLists {
  /** Names or ids of users; undefined: everybody. */
  talkUsers: readonly string[] | undefined;
  listenUsers: readonly string[] | undefined;
  /** Stream id -> who may hear it, besides its own device. */
  streamListeners: ReadonlyMap<string, readonly string[]>;
}

export const ALL_RIGHTS: Rights = {
  mayTalk: true,
  mayListen: true,
  mayHear: () => true,
  isNamedFor: () => true,
};

export class UserRights {
  readonly #lists: UserLists;

  constructor(lists: UserLists) {
    this.#lists = lists;
  }

  /** Whether anybody is kept from anything. */
  get limitsSomebody(): boolean {
    const { talkUsers, listenUsers, streamListeners } = this.#lists;
    return talkUsers !== undefined || listenUsers !== undefined || streamListeners.size > 0;
  }

  /** Whether only some may hear this stream: it is told to nobody else then, as private ones are. */
  isRestricted(streamId: string): boolean {
    return this.#lists.streamListeners.has(streamId);
  }

  /** `names`: all that this user goes by: id, login, display name. None: nobody knows who it is. */
  of(names: readonly string[], isAdmin: boolean): Rights {
    if (isAdmin) return ALL_RIGHTS;
    const { talkUsers, listenUsers, streamListeners } = this.#lists;
    const own = names.map(fold);
    const isOn = (list: readonly string[] | undefined): boolean =>
      list === undefined || list.some((name) => own.includes(fold(name)));
    const mayListen = isOn(listenUsers);
    return {
      mayTalk: isOn(talkUsers),
      mayListen,
      mayHear: (streamId) => mayListen && isOn(streamListeners.get(streamId)),
      isNamedFor: (streamId) => mayListen && streamListeners.has(streamId) && isOn(streamListeners.get(streamId)),
    };
  }
}

function fold(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase();
}
