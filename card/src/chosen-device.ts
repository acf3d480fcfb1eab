/** A microphone or speaker that a person chose in this browser. */
export interface ChosenDevice {
  id: string;
  /** To say which one is not there. */
  label: string;
}

/** From what is kept; null where that is none. */
export function chosenDevice(kept: unknown): ChosenDevice | null {
  const { id, label } = (kept ?? {}) as Partial<ChosenDevice>;
  return typeof id === 'string' && id !== '' && typeof label === 'string' ? { id, label } : null;
}

/** What another version, or a person, has written there is no reason to fail. */
export function parseKept(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}
