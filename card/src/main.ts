/** Entry of the bundle that dashboards load: the element and its entry in the card picker. */
import { preferredLanguages, speak } from './language.ts';
import { say } from './texts.ts';
import { VoiceStreamingCard } from './voice-streaming-card.ts';

const TAG = 'voice-streaming-card';
const DOCUMENTATION_URL = 'https://github.com/voice-streaming/voice-streaming/blob/main/card/README.md';

interface CustomCardEntry {
  type: string;
  name: string;
  readonly description: string;
  /** The picker shows the card itself: it notices, and stands still, see picker.ts. */
  preview: boolean;
  documentationURL: string;
}

declare global {
  interface Window {
    customCards?: CustomCardEntry[];
  }
  interface HTMLElementTagNameMap {
    'voice-streaming-card': VoiceStreamingCard;
  }
}

// A dashboard may load the file twice, under two URLs.
if (!customElements.get(TAG)) {
  customElements.define(TAG, VoiceStreamingCard);
  // Before the first card is there, so that it seldom changes its language under somebody's eyes.
  void speak(preferredLanguages());
  (window.customCards ??= []).push({
    type: TAG,
    name: 'Voice Streaming',
    get description() {
      return say('card.description');
    },
    preview: true,
    documentationURL: DOCUMENTATION_URL,
  });
}
