/** A speaker of the house: a DLNA renderer, gmediarender, which plays with GStreamer. */
import { SAMPLE_RATE_HZ } from '../support/pcm.ts';
import { startPlayer, type RealPlayer } from './player-process.ts';

/** UPnP wants an interface that is not loopback. */
const INTERFACE = 'end0';
const ADDRESS = '192.168.1.5';

export interface Renderer extends RealPlayer {
  /** What Core's integration asks for. */
  descriptionUrl: string;
}

export async function startRenderer(port = 49_494): Promise<Renderer> {
  const player = await startPlayer({
    name: 'gmediarender',
    host: ADDRESS,
    port,
    prepare: (_folder, pipe) =>
      Promise.resolve([
        'gmediarender',
        ...['--interface-name', INTERFACE, '--port', String(port)],
        ...['--uuid', '6d1c7a8e-0f52-4b53-9d0c-5f6a1b2c3d4e', '--friendly-name', 'Hall renderer'],
        ...['--mime-filter', 'audio', '--logfile', 'stdout'],
        '--gstout-audiopipe',
        // At the pace of a sound card.
        `audioconvert ! audioresample ! audio/x-raw,format=S16LE,rate=${SAMPLE_RATE_HZ},channels=1 ! filesink location=${pipe} sync=true buffer-mode=unbuffered`,
      ]),
  });
  return { ...player, descriptionUrl: `http://${ADDRESS}:${port}/description.xml` };
}
