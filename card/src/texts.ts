/** Every word a person reads, by key; a translation will be a second table of the same keys. */
import type { Trouble, TroubleCode } from './trouble.ts';

const en = {
  title: 'Voice',
  'talk.label': 'Talk',
  'talk.hold': 'Hold to talk',
  'talk.hold.hint': 'or tap once to stay on air',
  'talk.tap': 'Tap to talk',
  'talk.everybody': 'Everybody will hear you',
  'talk.connecting': 'Connecting…',
  'talk.opening': 'Wait…',
  'talk.opening.hint': 'Speak when it says ON AIR',
  'talk.onAir': 'ON AIR',
  'talk.latched.hint': 'Tap to end',
  'talk.closing': 'Ending…',
  'talk.left': '{seconds} s left',
  'talk.howling': 'Feedback: a device near you plays this. Turn it down.',
  'talk.nobody': 'Nobody hears you yet',
  'talk.heardBy.one': 'Heard by 1',
  'talk.heardBy.many': 'Heard by {count}',
  'microphone.open': 'Microphone open · {seconds} s',
  'microphone.always': 'Microphone stays open',
  'listen.label': 'Listen',
  'listen.on': 'Sound on',
  'listen.off': 'Sound off',
  'listen.quiet': 'Nobody is speaking',
  'listen.quiet.latest': 'You will hear whoever speaks',
  'listen.quiet.one': 'is quiet',
  'listen.muted': 'Sound is off',
  'listen.muted.note': 'Sound is off, you hear nobody',
  'listen.elsewhere': 'Playing in another tab',
  'listen.elsewhere.hint': 'Tap to hear it here',
  'listen.muted.hint': 'Tap to hear who speaks',
  'listen.speaking': 'is speaking',
  'listen.speaking.many': 'are speaking',
  'listen.tap': 'Tap to enable sound',
  'listen.tap.now': '{names} is speaking now',
  'listen.tap.hint': 'The browser keeps quiet until you touch the page',
  'list.label': 'Voices',
  'list.talking': 'Speaking now',
  'list.silence': 'Silence {name}',
  'list.volume': 'Volume of {name}',
  'menu.open': 'Voices and sound',
  'menu.close': 'Close',
  'menu.sound': 'Sound',
  'menu.hear': 'Hear',
  'list.whoever': 'Whoever speaks',
  'list.all': 'Everybody at once',
  'list.empty': 'Nobody else is here yet. Open this card on another device.',
  'list.self': 'this device',
  'list.live': 'speaking',
  'list.liveTo': 'speaking to {count}',
  'list.idle': 'quiet',
  'list.absent': 'not connected',
  'list.only': 'Hear only {name}',
  'card.description': 'Press, speak, and be heard on every other dashboard and speaker.',
  'card.preview': 'Shown without sound while you edit',
  'page.name': 'This device is called',
  'page.name.save': 'Save',
  'page.urls': 'Play on a speaker',
  'page.urls.hint':
    'Anything that plays a URL can listen along. Whoever has such a URL can hear it, so treat it like a key.',
  'page.urls.latest': 'Whoever speaks',
  'page.urls.forbidden': 'Only administrators see the URLs for speakers.',
  'page.urls.more': 'One device only',
  'page.copy': 'Copy',
  'page.copied': 'Copied',
  'page.copy.label': 'Copy the {format} URL of {name}',
  'page.token': 'Access token',
  'page.token.hint':
    'It is in secrets.json in the server’s data directory; the server says at its start where that is.',
  'page.token.submit': 'Enter',
  'page.version': 'Voice Streaming {version}',
} as const;

/** What is wrong, and what to do next. */
const enTroubles: Record<TroubleCode, readonly [what: string, next: string]> = {
  insecurePage: [
    'Page not secure',
    'Browsers give the microphone to https pages only. Open {httpsUrl}, or http://localhost on the server itself. Listening works here.',
  ],
  noWebRtc: [
    'Browser cannot talk',
    'It has no WebRTC. Try Chrome, Firefox or Safari; kiosk apps have a setting for it.',
  ],
  permissionDenied: ['Microphone blocked', 'Allow it for this page in the browser’s site settings, then press again.'],
  permissionDismissed: ['Microphone not allowed', 'Press again and choose “Allow” when the browser asks.'],
  noMicrophone: ['No microphone found', 'Connect one or choose one in the system’s sound settings, then press again.'],
  microphoneBusy: ['Microphone in use', 'Close the app that has it (a call, a voice assistant), then press again.'],
  microphoneFailed: ['Microphone failed', '{detail} Press again; if it stays so, reload the page.'],
  microphoneLost: ['Microphone gone', 'Plug it in again, then press to go on.'],
  serverAway: [
    'Server does not answer',
    'Trying again by itself. Is the add-on running, and this device on the home network?',
  ],
  serverFull: ['Server is full', 'It serves as many devices as it may. Trying again by itself.'],
  serverSlow: ['Server too slow', 'It did not answer in time. Press again in a moment.'],
  mixedContent: ['Needs a secure server', 'This page is https, the configured url is not. Give the card an https url.'],
  tokenMissing: [
    'Token needed',
    'Set “token” in the card to the access token, which is in secrets.json in the server’s data directory.',
  ],
  tokenWrong: [
    'Wrong token',
    'Set “token” in the card to the access token, which is in secrets.json in the server’s data directory.',
  ],
  cardTooOld: ['Page out of date', 'The server was updated. Reload the page.'],
  serverTooOld: ['Server out of date', 'This card is newer. Update the add-on, then reload the page.'],
  mediaBlocked: [
    'No sound gets through',
    'Something blocks UDP to the server: a firewall, a VPN or a guest network. Trying again by itself.',
  ],
  connectionLost: ['Connection lost', 'Press again to go on.'],
  takenOver: ['Moved to another tab', 'The same device speaks there now. Press to speak here.'],
  timeUp: ['Time is up', 'A talk ends after {detail}. Press to go on.'],
  endedByAdmin: ['Ended by somebody', 'An administrator ended this. Press to speak again.'],
  urlMissing: ['Which server?', 'Set “url” in the card, for example https://192.168.1.10:8080.'],
  refused: ['Not possible now', '{detail}'],
};

export type TextKey = keyof typeof en;

export function say(key: TextKey, values: Record<string, string | number> = {}): string {
  return fill(en[key], values);
}

export function sayHeardBy(count: number): string {
  if (count === 0) return say('talk.nobody');
  return count === 1 ? say('talk.heardBy.one') : say('talk.heardBy.many', { count });
}

export function sayTrouble(trouble: Trouble): { what: string; next: string } {
  const [what, next] = enTroubles[trouble.code];
  const { host, pathname } = location;
  return { what, next: fill(next, { detail: trouble.detail ?? '', httpsUrl: `https://${host}${pathname}` }).trim() };
}

/** 75 s -> "1:15". */
export function sayDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
