/** A speaker of the house: VLC, commanded over telnet. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startPlayer, type RealPlayer } from './player-process.ts';

export const VLC_PASSWORD = 'secret';

/** It does not run as root. */
const NOBODY = 65_534;

export interface VlcOptions {
  port?: number;
  /**
   * Through ALSA: VLC's own output to a file has no volume. But ALSA's `null` knows no pace, and VLC fills its sound up with silence: it is
   * not to be judged.
   */
  hasVolume?: boolean;
}

export function startVlc({ port = 4212, hasVolume = false }: VlcOptions = {}): Promise<RealPlayer> {
  const host = '127.0.0.1';
  return startPlayer({
    name: 'vlc',
    host,
    port,
    greets: true,
    channels: 2,
    spawn: { uid: NOBODY, gid: NOBODY, env: { PATH: process.env['PATH'], LANG: 'C.UTF-8' } },
    prepare: (folder, pipe) => {
      if (hasVolume) writeFileSync(join(folder, '.asoundrc'), 'pcm.!default { type null }\n');
      return Promise.resolve([
        'env',
        ...[`HOME=${hasVolume ? folder : '/nonexistent'}`, 'cvlc'],
        ...['--intf', 'dummy', '--no-video', '--no-dbus', '--no-osd', '--no-metadata-network-access'],
        ...['--extraintf', 'telnet', '--telnet-host', host, '--telnet-port', String(port)],
        ...['--telnet-password', VLC_PASSWORD],
        ...(hasVolume
          ? ['--aout', 'alsa']
          : ['--aout', 'afile', '--audiofile-file', pipe, '--audiofile-format', 's16', '--audiofile-channels', '2']),
        '--no-audiofile-wav',
      ]);
    },
  });
}
