/** The page's own events, as a session needs them: it hid, it woke, it leaves. */
export interface PageLifecycleHandlers {
  hidden(): void;
  /** Visible again, restored, focused or back on the network; may be called more often than needed. */
  awake(): void;
  /** Navigation or tab close: the last moment for anything. */
  leaving(): void;
}

/** Returns its own unsubscribe function. */
export function watchPage(handlers: PageLifecycleHandlers): () => void {
  const controller = new AbortController();
  const { signal } = controller;
  document.addEventListener(
    'visibilitychange',
    () => {
      if (document.hidden) handlers.hidden();
      else handlers.awake();
    },
    { signal },
  );
  for (const type of ['pageshow', 'online', 'focus']) {
    window.addEventListener(type, () => handlers.awake(), { signal });
  }
  window.addEventListener('pagehide', () => handlers.leaving(), { signal });
  return () => controller.abort();
}
