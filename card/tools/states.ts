/** Every state of the card, by the name that the sheet and the tests give it. */
import type { StreamInfo } from '@voice-streaming/shared/protocol';
import type { MonitorState } from '../src/monitor-sender.ts';
import type { WatchedMonitors } from '../src/monitor-watch.ts';
import { en } from '../src/translations/en.ts';
import type { TroubleCode } from '../src/trouble.ts';
import type { TalkerRow } from '../src/talker-rows.ts';
import { details } from './still-details.ts';
import { playing, rows } from './still-speakers.ts';
import type { Still } from './still-card.ts';

const OWN = 'kitchen-tablet';

const talker = (id: string, name: string, more: Partial<TalkerRow> = {}): TalkerRow => ({
  id,
  name,
  volume: 1,
  muted: false,
  live: true,
  ...more,
});

const anna = talker('anna', 'Anna’s phone');
const hall = talker('hall', 'Hall');
const nursery = talker('nursery', 'Nursery');
const workshop = talker('workshop', 'Grandfather’s workshop');

const stream = (id: string, name: string, live = false): StreamInfo => ({
  id,
  name,
  live,
  since: live ? 1 : null,
  receivers: live ? 2 : 0,
  listeners: 0,
});

const streams = [
  stream('anna', anna.name, true),
  stream('hall', hall.name),
  stream('nursery', nursery.name),
  stream(OWN, 'Kitchen tablet'),
];

const onAir = { talk: 'onAir', onAirMs: 12_000, heardBy: 3 } as const;
const levels = { [OWN]: 0.7, anna: 0.8, hall: 0.45, nursery: 0.2, workshop: 0.6 };

const room: WatchedMonitors = {
  ids: ['nursery'],
  names: ['Nursery'],
  state: 'live',
  off: [],
  silenced: [],
  lastSoundMs: 12_000,
  sounding: false,
};
const hears = { config: { mode: 'receiver', listen: 'nursery' } } as const;
const monitor = (state: MonitorState, more: Partial<Still['facts']> = {}): Still => ({
  config: { mode: 'sender', always_on: true },
  facts: { monitor: { state, trouble: null, wasShort: false }, heardBy: 1, ...more },
  levels: { [OWN]: 0.3 },
});
const alarm = { reason: 'lost', name: 'Nursery', acknowledged: false, refused: false } as const;
const stillPlay = {
  count: 2,
  shown: [playing({ kitchen: { state: 'finishing' }, hall: { state: 'finishing' } })],
};

export const states: Record<string, Still> = {
  idle: {},
  opening: { facts: { talk: 'opening' } },
  'on air': { facts: onAir, levels },
  closing: { facts: { ...onAir, talk: 'closing' } },
  receiving: { facts: { talkers: [anna] }, levels },
  'needs a tap': { facts: { needsTap: true, talkers: [anna] } },
  trouble: { facts: { talkTrouble: { code: 'permissionDenied' } } },
  offline: { facts: { sessionTrouble: { code: 'serverAway' } } },
  'on air, latched': { facts: { ...onAir, latched: true, heardBy: 0 }, levels: { [OWN]: 0.25 } },
  'on air, last seconds': { facts: { ...onAir, onAirMs: 293_000, leftMs: 7_000 }, levels },
  'on air, feedback': { facts: { ...onAir, howling: true }, levels: { [OWN]: 1 } },
  'two speak': { facts: { talkers: [anna, hall] }, levels },
  'four speak': {
    facts: { talkers: [anna, { ...hall, muted: true }, { ...nursery, live: false }, workshop] },
    levels: { ...levels, hall: 0, nursery: 0 },
  },
  monitor: monitor('live', { talk: 'onAir' }),
  'monitor, off': monitor('off'),
  'monitor, needs a tap': monitor('needsTap'),
  'monitor, microphone gone': monitor('starting', {
    monitor: { state: 'starting', trouble: { code: 'microphoneLost' }, wasShort: false },
  }),
  'hears a monitor, quiet': { ...hears, facts: { listen: ['nursery'], watched: room }, levels },
  'hears a monitor, sound': {
    ...hears,
    facts: { listen: ['nursery'], watched: { ...room, sounding: true }, talkers: [nursery] },
    levels: { nursery: 0.7 },
  },
  'hears a monitor that needs a tap': {
    ...hears,
    facts: { listen: ['nursery'], watched: { ...room, state: 'needsTap' } },
  },
  'monitor lost': { ...hears, facts: { listen: ['nursery'], watched: { ...room, state: 'lost' }, alarm } },
  'monitor lost, heard': {
    ...hears,
    facts: { listen: ['nursery'], alarm: { ...alarm, reason: 'server', acknowledged: true } },
  },
  'monitor lost, intercom': { facts: { listen: ['nursery'], alarm: { ...alarm, refused: true } } },
  'speakers chosen': { speakers: { count: 2 } },
  'speakers starting': { facts: { talk: 'opening' }, speakers: { count: 2, isAsking: true } },
  'on air, on speakers': {
    facts: onAir,
    levels,
    speakers: { count: 2, shown: [playing({ kitchen: { startDelayMs: 2_100 }, hall: { state: 'starting' } })] },
  },
  'on air, a speaker failed': {
    facts: onAir,
    levels,
    speakers: { count: 2, shown: [playing({ kitchen: {}, bath: { state: 'failed', fault: 'unavailable' } })] },
  },
  'speakers still play': { speakers: stillPlay },
  'speakers still play, receiving': { facts: { talkers: [anna] }, levels, speakers: stillPlay },
  'speakers still play, needs a tap': { facts: { needsTap: true }, speakers: stillPlay },
  'speakers still play, monitor lost': { facts: { listen: ['nursery'], alarm }, speakers: stillPlay },
  'speakers still play, one failed': {
    speakers: {
      count: 2,
      shown: [playing({ kitchen: { state: 'finishing' }, bath: { state: 'failed', fault: 'unavailable' } })],
    },
  },
  'a speaker failed': {
    speakers: { count: 1, shown: [playing({ bath: { state: 'failed', fault: 'neverFetched' } }, true)] },
  },
  'speakers, receiving': { facts: { talkers: [anna, hall] }, levels, speakers: { count: 2 } },
  'speakers only': { config: { mode: 'sender', title: 'Announce' }, speakers: { count: 3 } },
  'microphone warm': { facts: { microphoneOpenMs: 24_000 } },
  'sound off': { facts: { listen: null } },
  'nobody else': { facts: { alone: true } },
  updated: { facts: { outdated: true } },
  connecting: { facts: { connecting: true } },
  'latch only': { config: { talk: 'latch', title: 'Intercom' } },
  'receiver, quiet': { config: { mode: 'receiver' } },
  'receiver, receiving': { config: { mode: 'receiver' }, facts: { talkers: [workshop] }, levels },
  'receiver, off': { config: { mode: 'receiver' }, facts: { listen: null } },
  'long reason': { facts: { talkTrouble: { code: 'insecurePage' } } },
  'in the editor': { facts: { preview: true, listen: null } },
  voices: { facts: { talkers: [anna] }, streams, levels, menu: 'voices' },
  speakers: { menu: 'speakers' },
  'speakers, playing': {
    menu: 'speakers',
    speakersPage: {
      stop: () => undefined,
      wrong: { what: en.troubles.serverFull[0], next: en.troubles.serverFull[1] },
    },
  },
  'speakers, set in the card': {
    menu: 'speakers',
    speakersPage: {
      fixed: true,
      rows: rows.slice(0, 2),
      chime: { value: 'none', fixed: true, names: [], choose: () => undefined },
    },
  },
  'speakers, none': { menu: 'speakers', speakersPage: { rows: [] } },
  'speakers, no Home Assistant': {
    menu: 'speakers',
    speakersPage: { rows: null, error: { code: 'no_speakers', message: '' } },
  },
  devices: { menu: 'devices' },
  'devices, testing': { menu: 'devices', devices: { test: { state: 'on', hears: 'voice', isOpen: true } } },
  'devices, silent': { menu: 'devices', devices: { test: { state: 'on', hears: 'nothing', isOpen: true } } },
  'devices, recorded': { menu: 'devices', devices: { test: { state: 'playing', hasRecording: true } } },
  'devices, gone': { menu: 'devices', devices: { gone: true } },
  'devices, not named': { menu: 'devices', devices: { unnamed: true } },
  'devices, no choice of speaker': {
    menu: 'devices',
    config: { mode: 'receiver' },
    devices: { speakers: 'impossible' },
  },
  'voices, with a link': { menu: 'voices', facts: { sessionTrouble: { code: 'insecurePage' } } },
  'voices, to reload': { menu: 'voices', facts: { sessionTrouble: { code: 'serverTooOld' } } },
  'devices, blocked': { menu: 'devices', config: { mode: 'sender' }, devices: { trouble: { code: 'insecurePage' } } },
  details: { menu: 'details', details: { facts: details.listening } },
  'details, on air and measured': { menu: 'details', details: { facts: details.onAir } },
  'details, server away': { menu: 'details', details: { facts: details.away } },
  'details, report to copy by hand': {
    menu: 'details',
    details: { facts: details.measuring, text: 'Voice Streaming: card 0.1.0, server 0.1.0, protocol 1' },
  },
};

const TROUBLE_DETAILS: Partial<Record<TroubleCode, string>> = {
  notVoiceServer: 'https://192.168.1.10:8080',
  certificate: 'https://192.168.1.10:8080',
  timeUp: '60 min',
  microphoneFailed: 'Could not start audio source.',
  appStartFailed: 'Port 8080 is taken.',
  refused: 'This stream has as many listeners as it may have.',
};

/** Every reason, as the card has room for it. */
for (const code of Object.keys(en.troubles) as TroubleCode[]) {
  states[`trouble: ${code}`] = { facts: { sessionTrouble: { code, detail: TROUBLE_DETAILS[code] ?? '' } } };
}

/** The eight that DESIGN.md tells apart. */
export const mainStates = Object.keys(states).slice(0, 8);
