/** The access token of the page: from `#token=…`, which no server sees, then kept for this tab only. */
const ITEM = 'voice-streaming.token';

export function keepToken(token: string): void {
  try {
    sessionStorage.setItem(ITEM, token);
  } catch {
    // Storage refused: it is asked for again after a reload.
  }
}

/** Takes it out of the address bar and the history, so that it is not shared with the link. */
export function takeToken(): string | undefined {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const token = fragment.get('token');
  if (token !== null) {
    history.replaceState(history.state, '', `${location.pathname}${location.search}`);
    keepToken(token);
    return token;
  }
  try {
    return sessionStorage.getItem(ITEM) ?? undefined;
  } catch {
    return undefined;
  }
}
