/** The page's own events, as a session needs them: it hid, it woke, it leaves. */
export interface PageLifecycleHandlers {
  hidden(): void;
  /** Visible again, restored, focused, back on the network or woken up; may be called more often than needed. */
  awake(): void;
  /** Navigation or tab close: the last moment for anything. */
  leaving(): void;
}

const TICK_MS = 2_000;
/** Timers that come so late have slept: a lid, a phone's pocket, a frozen tab. Some browsers say nothing of it. */
const SLEPT_MS = 10_000;

/** Returns its own unsubscribe function. */
export function watchPage(handlers: PageLifecycleHandlers): () => void {
  const controller = new AbortController();
  const { signal } = controller;
  const awake = (): void => handlers.awake();
  document.addEventListener(
    'visibilitychange',
    () => {
      if (document.hidden) handlers.hidden();
      else handlers.awake();
    },
    { signal },
  );
  document.addEventListener('resume', awake, { signal });
  for (const type of ['pageshow', 'online', 'focus']) window.addEventListener(type, awake, { signal });
  // Wi-Fi to mobile data and back, or to another Wi-Fi; Chromium only.
  const { connection } = navigator as Navigator & { connection?: EventTarget };
  connection?.addEventListener('change', awake, { signal });
  window.addEventListener('pagehide', () => handlers.leaving(), { signal });
  const stopWatchingSleep = watchSleep(awake);
  return () => {
    controller.abort();
    stopWatchingSleep();
  };
}

function watchSleep(awake: () => void): () => void {
  let tickedAt = Date.now();
  const timer = setInterval(() => {
    const passedMs = Date.now() - tickedAt;
    tickedAt = Date.now();
    if (passedMs > TICK_MS + SLEPT_MS) awake();
  }, TICK_MS);
  return () => clearInterval(timer);
}
