/** What can be wrong, as a code that texts.ts turns into a sentence and what to do next. */
import { RequestError } from '@voice-streaming/shared/errors';
import { healthUrl, type ServerSearch } from './server-search.ts';
import { ConnectionLostError, RequestTimeoutError, type Connection } from './signaling-client.ts';

export type TroubleCode =
  | 'insecurePage'
  | 'noWebRtc'
  | 'permissionDenied'
  | 'permissionDismissed'
  | 'permissionBySystem'
  | 'noMicrophone'
  | 'microphoneBusy'
  | 'microphoneFailed'
  | 'microphoneLost'
  | 'serverAway'
  | 'notVoiceServer'
  | 'webSocketBlocked'
  | 'certificate'
  | 'serverFull'
  | 'serverSlow'
  | 'mixedContent'
  | 'tokenMissing'
  | 'tokenWrong'
  | 'cardTooOld'
  | 'serverTooOld'
  | 'mediaBlocked'
  | 'connectionLost'
  | 'takenOver'
  | 'endedByAdmin'
  | 'mayNot'
  | 'timeUp'
  | 'urlMissing'
  | 'appStopped'
  | 'appStoppedAsk'
  | 'appStarting'
  | 'appStartFailed'
  | 'appMissing'
  | 'appForbidden'
  | 'refused';

export interface Trouble {
  code: TroubleCode;
  /** What the server or the browser said, where that says more than the code. */
  detail?: string;
  /** Starts the add-on. */
  start?: () => void;
}

/** The work was overtaken by newer work: nobody is to be told. */
export class SupersededError extends Error {
  constructor() {
    super('Superseded by a newer action.');
    this.name = 'SupersededError';
  }
}

/** Thrown by whoever knows the exact reason already. */
export class TroubleError extends Error {
  readonly trouble: Trouble;

  constructor(trouble: Trouble, options?: ErrorOptions) {
    super(trouble.detail ?? trouble.code, options);
    this.name = 'TroubleError';
    this.trouble = trouble;
  }
}

/** What a failed request or action means to a person. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof TroubleError) return error.trouble;
  if (error instanceof ConnectionLostError) return { code: 'connectionLost' };
  if (error instanceof RequestTimeoutError) return { code: 'serverSlow' };
  if (error instanceof RequestError) {
    if (error.code === 'server_full') return { code: 'serverFull' };
    // may_not_talk, may_not_listen
    return error.code.startsWith('may_') ? { code: 'mayNot' } : { code: 'refused', detail: error.message };
  }
  return { code: 'refused', detail: error instanceof Error ? error.message : String(error) };
}

/** A newer page is what the server waits for. */
export function reloadHelps(code: TroubleCode): boolean {
  return code === 'cardTooOld' || code === 'serverTooOld';
}

/** What a connection that is not ready means to a person; null while there is nothing to say. */
export function connectionTrouble(
  connection: Connection,
  url: string,
  search?: Pick<ServerSearch, 'finding' | 'wasThere'>,
): Trouble | null {
  switch (connection.state) {
    case 'away':
      if (isMixedContent(url)) return { code: 'mixedContent' };
      if (connection.bye === 'serverFull') return { code: 'serverFull' };
      return awayTrouble(url, search);
    case 'needsToken':
      return { code: connection.refused ? 'tokenWrong' : 'tokenMissing' };
    case 'versionMismatch':
      return { code: connection.older === 'card' ? 'cardTooOld' : 'serverTooOld' };
    default:
      return null;
  }
}

function awayTrouble(url: string, search?: Pick<ServerSearch, 'finding' | 'wasThere'>): Trouble {
  const { origin: detail, protocol } = healthUrl(url);
  if (search?.finding === 'other') return { code: 'notVoiceServer', detail };
  if (search?.finding === 'noWebSocket') return { code: 'webSocketBlocked' };
  // A certificate that is not trusted looks to a page like a server that is not there; that of the page itself is.
  const maybeCertificate = search?.finding === 'nothing' && !search.wasThere && protocol === 'https:';
  return maybeCertificate && detail !== location.origin ? { code: 'certificate', detail } : { code: 'serverAway' };
}

/** Browsers block `ws:` from https pages, except to the machine itself. */
function isMixedContent(url: string): boolean {
  if (location.protocol !== 'https:') return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'ws:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}
