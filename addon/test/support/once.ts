/** A promise of one event, which names what was waited for when it does not come. */
export function once<T>(
  subscribe: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
  what: string,
  timeoutMs = 10_000,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not within ${timeoutMs} ms: ${what}`)), timeoutMs);
    const settle =
      <V>(call: (value: V) => void) =>
      (value: V): void => {
        clearTimeout(timer);
        call(value);
      };
    subscribe(settle(resolve), settle(reject));
  });
}
