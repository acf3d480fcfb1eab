/** The players that cannot be here. */
import type { Answer, Ask, Reader } from './reader.ts';

const get = (headers: Ask['headers'], version: Ask['version'] = '1.1'): Ask => ({ method: 'GET', version, headers });
const head = (headers: Ask['headers']): Ask => ({ method: 'HEAD', version: '1.1', headers });

const SONOS = { 'User-Agent': 'Linux UPnP/1.0 Sonos/79.1-53290 (ZPS22)', Connection: 'close', 'Icy-MetaData': '1' };
const DLNA = { 'getcontentFeatures.dlna.org': '1', 'transferMode.dlna.org': 'Streaming' };
const SAMSUNG = {
  'User-Agent': 'DLNADOC/1.50 SEC_HHP_[TV] Samsung Q6 Series (55)/1.0',
  'getcontentFeatures.dlna.org': '1',
  'getCaptionInfo.sec': '1',
  Connection: 'close',
};
const LG = 'Linux/3.10.19 UPnP/1.0 LGE_DLNA_SDK/1.6.0 [TV][LG]/04.30.85 DLNADOC/1.50';
const CAST_ORIGIN = 'https://www.gstatic.com';

/** The name of the file tells it the format: UPnP error 714 otherwise. */
function withoutMp3InUrl(_answer: Answer, url: URL): string | undefined {
  return url.pathname.endsWith('.mp3') ? undefined : 'Illegal MIME-Type (714)';
}

/** No parameters, no other names; or the URL has to say it. */
function unknownToEspHome({ headers }: Answer, url: URL): string | undefined {
  const type = headers.get('content-type')?.toLowerCase() ?? '';
  if (['mp3', 'audio/mp3', 'audio/mpeg', 'audio/wav'].includes(type)) return undefined;
  return /\.(mp3|wav)$/.test(url.pathname) ? undefined : `ESP_ERR_NOT_SUPPORTED: ${type}`;
}

function withoutCors({ headers }: Answer): string | undefined {
  const allowed = headers.get('access-control-allow-origin');
  return allowed === '*' || allowed === CAST_ORIGIN ? undefined : `no CORS for ${CAST_ORIGIN}`;
}

/** Seeking is off when neither is there; a promise of ranges that is not kept would break it. */
function withFalseRanges({ headers }: Answer): string | undefined {
  const promised = headers.get('accept-ranges') === 'bytes' || headers.has('content-range');
  return promised ? 'ranges promised with status 200' : undefined;
}

/** What it asked for must be answered: it takes a silent server for one that cannot play. */
function withoutDlna({ headers }: Answer): string | undefined {
  const features = headers.get('contentfeatures.dlna.org');
  if (!/(^|;)DLNA\.ORG_OP=00;DLNA\.ORG_CI=[01];DLNA\.ORG_FLAGS=[0-9A-F]{32}$/.test(features ?? '')) {
    return `contentFeatures.dlna.org: ${features ?? 'none'}`;
  }
  const mode = headers.get('transfermode.dlna.org');
  return mode === 'Streaming' ? undefined : `transferMode.dlna.org: ${mode ?? 'none'}`;
}

export const READERS: readonly Reader[] = [
  {
    name: 'Sonos, a radio (x-rincon-mp3radio)',
    source: 'https://github.com/home-assistant/home-assistant.io/issues/48239, https://github.com/SoCo/SoCo/pull/443',
    probes: [head(SONOS)],
    ask: get(SONOS),
    comesBack: true,
  },
  {
    name: 'Sonos, a track',
    source: 'https://github.com/home-assistant/core/issues/37444, https://github.com/TooTallNate/NodeFloyd/issues/2',
    probes: [head(SONOS)],
    ask: get(SONOS),
    refuses: withoutMp3InUrl,
  },
  {
    name: 'ESPHome',
    source: 'https://github.com/esphome/esphome/blob/dev/esphome/components/audio/audio_reader.cpp',
    ask: get({ 'User-Agent': 'ESP32 HTTP Client/1.0', 'Content-Length': '0' }),
    refuses: unknownToEspHome,
    takes: { bytes: 2048, everyMs: 20 },
    givesUpAfterMs: 5000,
  },
  {
    name: 'Voice PE, which fills a buffer first',
    source: 'https://github.com/esphome/home-assistant-voice-pe/issues/622',
    extension: 'wav',
    ask: get({ 'User-Agent': 'ESP32 HTTP Client/1.0' }),
    refuses: unknownToEspHome,
    startBytes: 65_536,
    givesUpAfterMs: 5000,
  },
  {
    name: 'Cast',
    source:
      'https://github.com/SamDel/ChromeCast-Desktop-Audio-Streamer/issues/27, https://developers.google.com/cast/docs/media',
    extension: 'wav',
    ask: get({ Origin: CAST_ORIGIN, 'Accept-Encoding': 'identity;q=1, *;q=0', Range: 'bytes=0-' }),
    refuses: withoutCors,
    startBytes: 350_000,
  },
  {
    name: 'a radio of HTTP/1.0',
    source: 'https://www.rfc-editor.org/rfc/rfc9112#section-6.1 (no Transfer-Encoding to HTTP/1.0)',
    ask: get({ 'User-Agent': 'InternetRadio/1.0', Accept: '*/*' }, '1.0'),
  },
  {
    name: 'Squeezebox and squeezelite (LMS), three seconds first',
    source: 'https://github.com/LMS-Community/slimserver/blob/public/9.0/Slim/Player/Squeezebox.pm (bufferSecs)',
    ask: get({ 'User-Agent': 'iTunes/4.7.1', 'Cache-Control': 'no-cache', 'Icy-MetaData': '1' }, '1.0'),
    startBytes: 48_000,
  },
  {
    name: 'Linn',
    source: 'https://github.com/dheijl/swyh-rs/issues/45',
    extension: 'wav',
    ask: get({ 'User-Agent': 'LWIP/1.4.2-linn', Connection: 'close', 'Icy-MetaData': '1', Range: 'bytes=0-' }),
  },
  {
    name: 'ExoPlayer (Android)',
    source:
      'https://github.com/androidx/media/blob/release/libraries/datasource/src/main/java/androidx/media3/datasource/DefaultHttpDataSource.java',
    ask: get({
      'User-Agent': 'ExoPlayer',
      'Icy-MetaData': '1',
      'Accept-Encoding': 'identity',
      Connection: 'Keep-Alive',
    }),
    givesUpAfterMs: 8000,
  },
  {
    name: 'VLC',
    source: 'https://code.videolan.org/videolan/vlc/-/blob/master/modules/access/http/file.c',
    ask: get({ 'User-Agent': 'VLC/3.0.21 LibVLC/3.0.21', Range: 'bytes=0-', Accept: '*/*', 'Icy-MetaData': '1' }),
    refuses: withFalseRanges,
  },
  {
    name: 'AVPlayer (iOS, HomePod)',
    source: 'https://gist.github.com/miyagawa/652be3a0f1d4721c7bba4c3df3cd5648',
    probes: [get({ Range: 'bytes=0-1', 'User-Agent': 'AppleCoreMedia/1.0.0.22A3354', Accept: '*/*' })],
    ask: get({ 'User-Agent': 'AppleCoreMedia/1.0.0.22A3354', Accept: '*/*', 'Icy-MetaData': '1' }),
    refuses: withFalseRanges,
  },
  {
    name: 'a DLNA renderer',
    source: 'https://gitlab.gnome.org/GNOME/rygel/-/blob/master/src/librygel-server/rygel-http-get.vala',
    probes: [head(DLNA)],
    ask: get({ ...DLNA, 'User-Agent': 'UPnP/1.0 DLNADOC/1.50', Connection: 'close' }),
    refuses: withoutDlna,
  },
  {
    name: 'a Samsung television, which asks for sound as for a picture',
    source:
      'https://sourceforge.net/p/minidlna/git/ci/master/tree/upnphttp.c (transferMode Interactive), https://github.com/jellyfin/jellyfin/pull/5613 (HEAD first), https://github.com/oeuillot/upnpserver/issues/7',
    probes: [head({ ...SAMSUNG, 'transferMode.dlna.org': 'Interactive' })],
    ask: get({ ...SAMSUNG, 'transferMode.dlna.org': 'Streaming', Range: 'bytes=0-' }),
    refuses: withoutDlna,
  },
  {
    name: 'an LG television',
    source:
      'https://sourceforge.net/p/minidlna/git/ci/master/tree/clients.c (LGE_DLNA_SDK), https://github.com/UniversalMediaServer/UniversalMediaServer/issues/2307',
    extension: '320.mp3',
    probes: [head({ ...DLNA, 'User-Agent': LG })],
    ask: get({ ...DLNA, 'User-Agent': LG, 'TimeSeekRange.dlna.org': 'npt=0.0-', Connection: 'close' }),
    refuses: withoutDlna,
  },
  {
    name: 'a microcontroller with 64 KiB',
    source: 'https://github.com/pschatzmann/arduino-audio-tools/issues/20',
    ask: get({ 'User-Agent': 'arduino', Connection: 'close', Accept: '*/*' }),
    startBytes: 65_536,
  },
  {
    name: 'a player that reads in bursts',
    source: 'https://github.com/FFmpeg/FFmpeg/blob/master/libavformat/http.c (reads when its queue runs low)',
    ask: get({ 'User-Agent': 'Lavf/61.7.100', Range: 'bytes=0-', Connection: 'close', 'Icy-MetaData': '1' }),
    takes: { bytes: 24_000, everyMs: 1000 },
  },
  {
    name: 'a player that reads no faster than it plays',
    source: 'https://github.com/earlephilhower/ESP8266Audio/blob/master/src/AudioFileSourceHTTPStream.cpp',
    ask: get({ 'User-Agent': 'ESP8266HTTPClient', Connection: 'close' }, '1.0'),
    takes: { bytes: 384, everyMs: 22 },
  },
];
