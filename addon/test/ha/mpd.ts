/** A speaker of the house: the Music Player Daemon. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SAMPLE_RATE_HZ } from '../support/pcm.ts';
import { startPlayer, type RealPlayer } from './player-process.ts';

/** Its output of kind `fifo` plays at the pace of a sound card; it makes the pipe itself if there is none. */
export function startMpd(port = 6600): Promise<RealPlayer> {
  return startPlayer({
    name: 'mpd',
    host: '127.0.0.1',
    port,
    greets: true,
    prepare: async (folder, pipe) => {
      const conf = join(folder, 'mpd.conf');
      await writeFile(
        conf,
        `
bind_to_address "127.0.0.1"
port "${port}"
zeroconf_enabled "no"
input {
  plugin "curl"
}
audio_output {
  type "fifo"
  name "room"
  path "${pipe}"
  format "${SAMPLE_RATE_HZ}:16:1"
  mixer_type "software"
}
`,
      );
      return ['mpd', '--no-daemon', '--stderr', '--verbose', conf];
    },
  });
}
