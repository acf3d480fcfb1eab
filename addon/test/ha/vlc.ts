/** A speaker of the house: VLC, commanded over telnet. */
import { startPlayer, type RealPlayer } from './player-process.ts';

export const VLC_PASSWORD = 'secret';

/** It does not run as root. */
const NOBODY = 65_534;

export function startVlc(port = 4212): Promise<RealPlayer> {
  const host = '127.0.0.1';
  return startPlayer({
    name: 'vlc',
    host,
    port,
    greets: true,
    channels: 2,
    spawn: { uid: NOBODY, gid: NOBODY, env: { PATH: process.env['PATH'], HOME: '/nonexistent', LANG: 'C.UTF-8' } },
    prepare: (_folder, pipe) =>
      Promise.resolve([
        'cvlc',
        ...['--intf', 'dummy', '--no-video', '--no-dbus', '--no-osd', '--no-metadata-network-access'],
        ...['--extraintf', 'telnet', '--telnet-host', host, '--telnet-port', String(port)],
        ...['--telnet-password', VLC_PASSWORD],
        ...[
          '--aout',
          'afile',
          '--audiofile-file',
          pipe,
          '--audiofile-format',
          's16',
          '--audiofile-channels',
          '2',
          '--no-audiofile-wav',
        ],
      ]),
  });
}
