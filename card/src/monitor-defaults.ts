import type { MicrophoneDefaults } from './microphone-settings.ts';

/** What processing makes of a quiet room is silence with gaps, and there is no echo where nobody is heard. */
export const MONITOR_DEFAULTS: MicrophoneDefaults = {
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
};
