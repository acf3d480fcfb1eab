/** Work that may hang is waited for so long and no longer; what it brings all the same is handed on, to be thrown away. */
export class TooLateError extends Error {
  constructor(ms: number) {
    super(`not done within ${ms} ms`);
    this.name = 'TooLateError';
  }
}

/** Rejects as `work` does, or with TooLateError. */
export async function inTime<T>(work: Promise<T>, ms: number, tooLate: (brought: T) => void): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      work.then(tooLate, () => undefined);
      reject(new TooLateError(ms));
    }, ms);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
