/** How each platform wants to be told: one row each, with its reason and where that is written. */
import type { AudioFormat } from '../media/transcoder/formats.ts';
import type { SpeakerOverride } from '../options.ts';

export interface PlatformRow {
  /**
   * Home Assistant's `announce`: the integration lowers or interrupts what plays and puts it back itself. Then nothing is
   * stopped by us, as that would stop the music beneath: the sound ends, and with it the announcement.
   */
  announce: boolean;
  format: AudioFormat;
  /** `sonosRadio`: the scheme by which a Sonos takes a stream without an end. Default plain. */
  url?: 'plain' | 'sonosRadio';
  /** What is told in place of the URL. */
  content?: (url: string, title: string) => string;
  /** Default `music`. */
  contentType?: string;
  extra?: (wish: { volume: number | undefined; title: string }) => Record<string, unknown>;
  /** Silence before the first sound, for who swallows it. Default 0. */
  leadInMs?: number;
  /** `extra` says it, and the player puts it back. Default: by volume_set, and back by us. */
  volumeBy?: 'service' | 'extra';
  /** From being told to play until it asks for the sound. Default 15 s. */
  fetchMs?: number;
  /** The most it may be behind when the sound has ended. Default 5 s. */
  lagMs?: number;
  /** It plays only when it has everything: what it has taken lasts from then on. */
  wholeFirst?: boolean;
  /** Home Assistant asks it now and then how it is; so it is asked to ask. */
  polled?: boolean;
  /** Cuts volume to whole percents downwards: 0.29 becomes 28. */
  floorsVolume?: boolean;
  /** Services that keep and put back all it was, better than we could. */
  snapshot?: { save: string; restore: string };
  /** When it is off: to be switched on before, or playing does that. Afterwards it is switched off again. */
  off?: 'turnOn' | 'wakes';
  /** Why it is of no use, for a person. */
  cannot?: string;
  /** It is a tablet or phone, which may be the one that speaks. */
  isTablet?: boolean;
  /** What to try when this is refused. */
  otherwise?: PlatformRow;
}

/** Nothing is known: plainly, as a file of music. MP3 everybody plays; 320 kbit/s fill a buffer of bytes 2.5 times sooner. */
const SAFEST: PlatformRow = { announce: false, format: 'mp3-320', leadInMs: 250 };
/** Its integration says that it can announce: https://developers.home-assistant.io/docs/core/entity/media-player */
const SAFEST_ANNOUNCE: PlatformRow = { announce: true, format: 'mp3-320', leadInMs: 250, otherwise: SAFEST };

const percent = (volume: number): number => Math.round(volume * 100);
const NO_ADDRESSES = 'Its integration plays what it has itself, no addresses.';

/**
 * By integration, each read in Home Assistant 2026.11. `core:x` is its homeassistant/components/x/media_player.py at
 * https://github.com/home-assistant/core, `core#n` an issue or pull request there.
 */
const PLATFORMS: Record<string, PlatformRow> = {
  // `announce` is Sonos' audio clip: beneath it the music goes on, quieter; each player of a group for itself. A live one
  // cannot be stopped by media_stop (core#168015): ours ends as its sound ends. S1 has no clips and refuses: then as radio,
  // the one form that needs no length (SoCo#434), and the integration keeps and puts back queue and place (core:sonos services).
  sonos: {
    announce: true,
    format: 'mp3-320',
    volumeBy: 'extra',
    extra: ({ volume }) => (volume === undefined ? {} : { volume: percent(volume) }),
    lagMs: 8_000,
    otherwise: {
      announce: false,
      format: 'mp3-320',
      url: 'sonosRadio',
      snapshot: { save: 'sonos.snapshot', restore: 'sonos.restore' },
      lagMs: 10_000,
    },
  },
  // The type is handed to the receiver, LIVE keeps it from waiting for an end (core:cast, pychromecast play_media). It fills a
  // buffer of 350 kB before it begins: 3.65 s of WAV, 8.75 s of MP3 at 320 kbit/s (addon/bench/README.md). Off means an idle
  // screen: playing wakes it.
  cast: {
    announce: false,
    format: 'wav',
    contentType: 'audio/wav',
    extra: ({ title }) => ({ stream_type: 'LIVE', title }),
    off: 'wakes',
    fetchMs: 25_000,
    lagMs: 12_000,
  },
  // `announce` is a pipeline of its own beneath which music is paused or ducked; Core's ffmpeg makes what the device plays
  // (core:esphome, ffmpeg_proxy). WAV begins at once where MP3 takes seconds (music-assistant/support#1085), and an amplifier
  // in standby eats the first words (home-assistant-voice-pe#411).
  esphome: { announce: true, format: 'wav', leadInMs: 400, lagMs: 6_000, otherwise: { ...SAFEST, format: 'wav' } },
  // It takes an announcement whole before it plays (music-assistant/server#5626), cuts endless ones (#5115), puts all back
  // itself, and answers when that is done. Its own chime would be a second one.
  music_assistant: {
    announce: true,
    format: 'mp3-320',
    volumeBy: 'extra',
    extra: ({ volume }) => ({
      use_pre_announce: false,
      ...(volume === undefined ? {} : { announce_volume: percent(volume) }),
    }),
    wholeFirst: true,
    fetchMs: 30_000,
    lagMs: 10_000,
    otherwise: { announce: false, format: 'mp3-320', lagMs: 10_000 },
  },
  // Asks HEAD for the type and tells the renderer what it is (core:dlna_dmr); most want MP3. Says by event when it has ended,
  // and only when asked where it is.
  dlna_dmr: { announce: false, format: 'mp3-320', extra: ({ title }) => ({ title }), polled: true, lagMs: 8_000 },
  // Its `announce` makes Core call one player after the other, each until its end (core#172395), so it is told plainly; it
  // names its whole playlist as content, which brings it back (core:squeezebox). Percents are cut off.
  squeezebox: {
    announce: false,
    format: 'mp3-320',
    off: 'wakes',
    polled: true,
    floorsVolume: true,
    fetchMs: 20_000,
    lagMs: 10_000,
  },
  // Clears its queue for what it is told; `off` is a stop, and switching it on would play. Percents are cut off (core:mpd).
  mpd: { announce: false, format: 'mp3-320', polled: true, floorsVolume: true, lagMs: 8_000 },
  // Holds back for a fixed time, not for bytes (network-caching); tells no address of what it plays (core:vlc_telnet).
  vlc_telnet: { announce: false, format: 'mp3-320', polled: true },
  // Streams over AirPlay, two seconds behind, and answers when that has ended (core:apple_tv, pyatv stream_file).
  apple_tv: { announce: false, format: 'mp3-320', leadInMs: 500, fetchMs: 20_000 },
  // OwnTone plays on AirPlay speakers and puts its queue back itself (core:forked_daapd).
  forked_daapd: { announce: true, format: 'mp3-320', leadInMs: 500, fetchMs: 20_000, otherwise: SAFEST },
  // As a web address beside its queue; announce is not known to it (core:heos, core#73620, core#181474).
  heos: { announce: false, format: 'mp3-320', contentType: 'url', fetchMs: 20_000, lagMs: 8_000 },
  // An overlay over what plays (core:bang_olufsen).
  bang_olufsen: {
    announce: true,
    format: 'mp3-320',
    volumeBy: 'extra',
    extra: ({ volume }) => (volume === undefined ? {} : { overlay_absolute_volume: percent(volume) }),
    otherwise: SAFEST,
  },
  // Plays an address in place of what it has; `announce` has no effect there (core:linkplay, python-linkplay#125).
  linkplay: { announce: false, format: 'mp3-320', leadInMs: 400, polled: true, lagMs: 8_000 },
  wiim: { announce: false, format: 'mp3-320', leadInMs: 400, lagMs: 8_000 },
  bluesound: { announce: false, format: 'mp3-320', lagMs: 8_000 },
  // Takes http, not https (core:soundtouch).
  soundtouch: { announce: false, format: 'mp3-320', off: 'wakes', polled: true, lagMs: 8_000 },
  yamaha_musiccast: { announce: false, format: 'mp3-320', off: 'turnOn', lagMs: 8_000 },
  kodi: { announce: false, format: 'mp3-320' },
  // Takes no address but an item of its queue, as JSON (core:volumio, pyvolumio replace_and_play). Runs MPD beneath.
  volumio: {
    announce: false,
    format: 'mp3-320',
    content: (url, title) => JSON.stringify({ service: 'webradio', type: 'webradio', title, uri: url }),
    polled: true,
    lagMs: 8_000,
  },
  // Only this type takes an address (core:cambridge_audio).
  cambridge_audio: { announce: false, format: 'mp3', contentType: 'internet_radio', off: 'turnOn', lagMs: 8_000 },
  // Wants to be told the format, as the address ends with it or not (core:roku).
  roku: {
    announce: false,
    format: 'mp3-320',
    extra: ({ title }) => ({ name: title, format: 'mp3' }),
    off: 'turnOn',
    fetchMs: 25_000,
  },
  // Tablets on walls, from which people speak as well.
  fully_kiosk: { announce: false, format: 'mp3-320', isTablet: true },
  browser_mod: { announce: false, format: 'mp3-320', isTablet: true },
  // These have play_media for channels, apps or their own library, and take an address without a word or with a riddle.
  ...Object.fromEntries(
    [
      'samsungtv',
      'webostv',
      'braviatv',
      'androidtv',
      'androidtv_remote',
      'plex',
      'jellyfin',
      'emby',
      'spotify',
      'onkyo',
    ]
      .concat(['frontier_silicon', 'russound_rio', 'alexa_media'])
      .map((platform) => [platform, { ...SAFEST, cannot: NO_ADDRESSES }]),
  ),
};

/** `canAnnounce`: the player has the feature MEDIA_ANNOUNCE. */
export function rowOf(platform: string | null, canAnnounce: boolean, override?: SpeakerOverride): PlatformRow {
  const name = override?.platform ?? platform;
  const known = name !== null && Object.hasOwn(PLATFORMS, name) ? PLATFORMS[name] : undefined;
  const row = known ?? (canAnnounce ? SAFEST_ANNOUNCE : SAFEST);
  const fits = row.announce && !canAnnounce ? (row.otherwise ?? SAFEST) : row;
  return override ? overridden(fits, override) : fits;
}

function overridden(row: PlatformRow, { announce, format, url, contentType, leadInMs }: SpeakerOverride): PlatformRow {
  const plain = announce === false && row.announce ? (row.otherwise ?? { ...row, announce: false }) : row;
  return {
    ...plain,
    ...(announce === undefined ? {} : { announce }),
    ...(format === undefined ? {} : { format }),
    ...(url === undefined ? {} : { url: url === 'sonos_radio' ? 'sonosRadio' : 'plain' }),
    ...(contentType === undefined ? {} : { contentType }),
    ...(leadInMs === undefined ? {} : { leadInMs }),
  };
}
