/** Closing: every owner of something open has one `close()` that may be called twice and never rejects. */

export interface Closeable {
  close(): Promise<void>;
}

/** Closes all, in order, whatever each says; a failure is told to `onError` and does not stop the rest. */
export async function closeAll(closeables: readonly Closeable[], onError: (error: unknown) => void): Promise<void> {
  for (const closeable of closeables) {
    try {
      await closeable.close();
    } catch (error) {
      onError(error);
    }
  }
}
