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
  /** To be switched on before it can play, and off again afterwards. */
  switchedOn?: boolean;
  /** It is a tablet or phone, which may be the one that speaks. */
  isTablet?: boolean;
  /** What to try when this is refused. */
  otherwise?: PlatformRow;
}

/** Nothing is known: plainly, as a file of music. MP3 everybody plays; 320 kbit/s fill a buffer of bytes 2.5 times sooner. */
const SAFEST: PlatformRow = { announce: false, format: 'mp3-320', leadInMs: 250 };
const SAFEST_ANNOUNCE: PlatformRow = { announce: true, format: 'mp3-320', leadInMs: 250, otherwise: SAFEST };

const PLATFORMS: Record<string, PlatformRow> = {
  mpd: { announce: false, format: 'wav', polled: true, floorsVolume: true, lagMs: 10_000 },
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
