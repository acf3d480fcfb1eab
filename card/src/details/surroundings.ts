/** What of the browser and the page matters when something does not work. No names of hosts, nothing that identifies. */

export interface Surroundings {
  userAgent: string;
  protocol: string;
  secure: boolean;
  place: 'Home Assistant dashboard' | 'Home Assistant sidebar' | 'own page';
  /** `granted`, `denied`, `prompt`, or that the browser does not tell. */
  microphone: string;
  /** By kind; null: the browser does not tell. */
  devices: Readonly<Record<string, number>> | null;
}

export async function readSurroundings(): Promise<Surroundings> {
  return {
    userAgent: navigator.userAgent,
    protocol: location.protocol.replace(':', ''),
    secure: globalThis.isSecureContext,
    place: placeOf(),
    microphone: await microphonePermission(),
    devices: await countDevices(),
  };
}

function placeOf(): Surroundings['place'] {
  if (document.querySelector('home-assistant, ha-main')) return 'Home Assistant dashboard';
  return location.pathname.includes('/hassio_ingress/') ? 'Home Assistant sidebar' : 'own page';
}

async function microphonePermission(): Promise<string> {
  try {
    return (await navigator.permissions.query({ name: 'microphone' })).state;
  } catch {
    return 'not told';
  }
}

async function countDevices(): Promise<Record<string, number> | null> {
  try {
    const counts: Record<string, number> = {};
    for (const { kind } of await navigator.mediaDevices.enumerateDevices()) counts[kind] = (counts[kind] ?? 0) + 1;
    return counts;
  } catch {
    return null;
  }
}
